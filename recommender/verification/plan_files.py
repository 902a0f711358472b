"""Files that a saved plan names: overlays, constants, a trace, configurations of models.

A plan keeps names as they were typed, so that a plan that is passed on does not tell where its
maker's files are. A relative one is looked for beside the plan and then in the working folder:

    plans/plan.json names offers.csv      plans/offers.csv,  else  ./offers.csv
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog import Catalog
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.request.spec import Spec

CONFIGURATIONS = (".json", ".yaml", ".yml")

Load = Callable[[list[Path]], Catalog]


def spec_and_catalog(plan: Plan, folder: Path | None, load: Load) -> tuple[Spec, Catalog]:
    """The spec of a plan, its files as they are found from here, and its catalogue.

    Parameters
    ----------
    folder
        Where the plan lies; None where it does not lie in any (standard input, Python).
    load
        Reads the catalogue with overlays.

    Raises
    ------
    SpecError
        A file is in neither folder, with both.
    """
    from recommender.request.spec_file import make_spec

    spec = make_spec({key: value for key, value in plan.spec.items() if value is not None})
    found: dict[str, Any] = {
        "catalog": tuple(_found(name, "--catalog", folder) for name in spec.catalog)
    }
    for flag, name in (("--calibration", spec.calibration), ("--trace", spec.trace)):
        if name is not None:
            found[flag.removeprefix("--")] = _found(name, flag, folder)
    facts = load([Path(name) for name in found["catalog"]])
    found["model"] = _models(spec, facts, folder)
    return spec.model_copy(update=found), facts


def _models(spec: Spec, facts: Catalog, folder: Path | None) -> str:
    """The models of a spec, with files of configurations where they are found."""
    if _is_file(spec.model, facts) and (place := _place(spec.model, folder)) is not None:
        return str(place)  # one file, whatever is in its name
    return ",".join(str(replace(m, name=_model(m.name, facts, folder))) for m in spec.models)


def _model(name: str, facts: Catalog, folder: Path | None) -> str:
    if not _is_file(name, facts):
        return name
    if name.endswith(CONFIGURATIONS):
        return _found(name, "--model", folder)
    return str(_place(name, folder) or name)  # a folder, or the name of a model on a hub


def _is_file(name: str, facts: Catalog) -> bool:
    """Whether a model is named by a path; ids of the catalogue have slashes, too."""
    known = name.casefold() in {identifier.casefold() for identifier in facts.models}
    return not known and (name.endswith(CONFIGURATIONS) or os.sep in name)


def _found(name: str, flag: str, folder: Path | None) -> str:
    place = _place(name, folder)
    if place is not None:
        return str(place)
    told = f"the plan was made with {flag} {name}, which is"
    if Path(name).is_absolute():
        raise SpecError(f"{told} not on this machine: solve its spec again with a file that is")
    looked, to = f"not in the working folder {Path.cwd()}", "here"
    if folder is not None and folder.resolve() != Path.cwd():
        looked = f"neither beside the plan in {folder} nor in the working folder {Path.cwd()}"
        to = "beside the plan"
    raise SpecError(
        f"{told} {looked}: names are relative to the folder that it was made in; start `verify` "
        f"there, or copy the file {to}"
    )


def _place(name: str, folder: Path | None) -> Path | None:
    """Where a file or folder of that name is."""
    places = (Path(name),) if folder is None else (folder / name, Path(name))
    return next((place for place in places if place.exists()), None)
