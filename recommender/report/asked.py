"""What was asked, read back from a plan: names of targets, redundancy, the objective."""

from recommender.plan import NodePurchase, Plan

_CLASS = {"accelerator": "whole accelerator type"}


def primary_name(plan: Plan) -> str:
    """Name of the metric that a plan's `p99_s` refers to."""
    return plan.targets[0].name if plan.targets else "p99"


def nodes_in_order(plan: Plan) -> tuple[NodePurchase, ...]:
    """What is bought, in the order of the deployments that stand on it."""
    offers = dict.fromkeys(deployment.offer for deployment in plan.deployments)
    place = {offer: number for number, offer in enumerate(offers)}
    return tuple(sorted(plan.nodes, key=lambda node: place.get(node.offer, len(place))))


def survives(plan: Plan) -> list[str]:
    """`survives 1 node`, as a list of none or one phrase."""
    asked = str(plan.spec.get("redundancy", ""))
    given = plan.spec.get("survive")
    classes = list(map(str, given)) if isinstance(given, list | tuple) else []
    if asked == "zone" and "zone" not in classes:
        classes.insert(0, "zone")
    survived = [f"the loss of a {_CLASS.get(name, name)}" for name in classes]
    if asked.startswith("n+") and asked[2:].isdecimal():
        survived.insert(0, f"{asked[2:]} node{'s' if asked != 'n+1' else ''}")
    if survived:
        return [f"survives {' or '.join(survived)}"]
    return ["no spare node"] if asked == "none" else []
