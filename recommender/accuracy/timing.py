"""Times of a measured load, from the step time of its engine.

    decode      D(B)  = [hops + pp * t(B/pp decodes, no prompt)] / gain
    prompt      A     = t(B, P) - t(B, 0), summed over the chunks of one prompt riding with B
                P     = as many prompts as start per step, B/o, at least one, cut to chunks
                        (`prompt_chunks`, and what a stated budget adds to the times below)
    closed loop TPOT  = D(B) + n * A
                TTFT  = t0 + gain*D(B) + sigma * A + (B - 1 - (o - 1)*n) * A
                      + omega * (C - 1) * r
                      + (N/B - 1) * E    where more are in flight than the cache holds
                n     = (1 - omega) * (B - 1)/o, and no more than a step has room for
                E     = TTFT of a request with room + (o - 1) * TPOT
    static      TTFT  = (m + pp - 1) * t(0, all prompts / m), TPOT = D(B)

Symbol  Meaning                                                               Unit
B, o    sequences in flight per attention rank, output tokens of each         count
C       requests in flight of the whole system                                count
N       the same per attention rank; N - B of them wait for room              count
gain    tokens of a sequence per step: 1, more with drafts of which the row   tokens
        states how many are accepted (`verified_step`)
m       micro-batches of the prompts, 1 without pipeline stages                count
P       prompt tokens of one step, at most the chunk budget                   tokens
sigma   a prompt's way to its own first token against the time that it takes  1
        from the others: an idle engine is not full, and text becomes tokens
omega   share of the others' prompts that is met before the first token       1
t0, r   HTTP, tokeniser, scheduling: once, and serially per request           s

In a closed loop each of the B - 1 others starts one prompt per answer, so an answer waits once for
each: for n of them with every token after its first, for the rest before it. Answers of few tokens
are little else than prompts, and wait for them at the start: no step holds more than its budget. No
measured loop is known with fewer than 100 tokens of output.

Little's law gives the wait for room: B are served at a time and leave every E/B, so that a client
comes round every N*E/B, of which it is served for E.

Of a prompt of i tokens of which a prefix cache held k, i - k are computed and attend to (i^2 -
k^2)/2 pairs; contexts stay whole (`recommender.workload`).

Static prompts start together on all attention ranks, so that their experts have the tokens of all.
Transfers over nodes are those of measured kernels (`performance.communication`), whatever the age
of the engine's version; all else takes longer in older ones.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from recommender.accuracy.load_constants import LoadConstants
from recommender.accuracy.prompt_chunks import (
    chunk_tokens,
    further_steps,
    later_steps,
    most_prompts,
)
from recommender.accuracy.scenario_table import ScenarioTable
from recommender.accuracy.verified_step import steps_s
from recommender.performance.layout_table import Floats
from recommender.performance.stage import Stage
from recommender.performance.step_time import prompt_pair_s
from recommender.sizing.captured_graphs import padded_rows


@dataclass(frozen=True, slots=True)
class FirstTokenParts:
    """t0, sigma * A, (B - 1 - (o - 1)*n) * A and omega * (C - 1) * r, shape (n,) [s]."""

    frontend: Floats
    prompt: Floats
    waiting: Floats
    requests: Floats


@dataclass(frozen=True)
class Timing:
    """Times of scenarios at a batch, shape (n,) [s]."""

    table: ScenarioTable
    constants: LoadConstants
    batch: Floats

    def step(
        self,
        *,
        batch: Floats,
        context: Floats,
        prompt: Floats,
        together: bool = False,
        padded: Floats | float = 0.0,
    ) -> Floats:
        """One round of the pipeline; `together`: all attention ranks have prompts in it, `padded`:
        rows of captured graphs that no sequence fills.
        """
        table, pp = self.table, self.table.stage.pp
        starting = batch * table.gain * table.computed
        busy = np.minimum(1.0, starting / (table.outputs * np.maximum(prompt, 1.0)))
        if together:
            busy = np.ones_like(prompt)
        one = steps_s(
            self._stage,
            self.constants.step,
            table.drafts,
            sequences=batch / pp,
            context=context,
            prompt_tokens=prompt / pp,
            prompt_context_tokens=prompt / 2,
            prompt_ranks=1 + (table.stage.adp - 1) * busy,
            padded=padded,
        )
        tokens = (1 + table.drafts) * batch + prompt
        hops = table.stage.hop_latency_s * pp + table.stage.hop_token_s * tokens
        return np.asarray((pp * one + hops) * self.constants.vintage)

    @cached_property
    def _stage(self) -> Stage:
        """The stage without the engine's age where measured kernels send over nodes."""
        stage = self.table.stage
        aged = np.where(stage.exchange_over_nodes > 0, self.constants.vintage, 1.0)
        return replace(
            stage,
            exchange_token_s=stage.exchange_token_s / aged,
            exchange_prompt_token_s=stage.exchange_prompt_token_s / aged,
        )

    def decode_at(self, context: Floats) -> Floats:
        """Per token, of steps of decodes only, at this context, in a graph captured for as many or
        more.
        """
        per_stage = self.batch / self.table.stage.pp
        padded = self.table.captures_graphs * (padded_rows(per_stage) - per_stage)
        none = np.zeros_like(self.batch)
        step = self.step(batch=self.batch, context=context, prompt=none, padded=padded)
        return np.asarray(step / self.table.gain)

    @cached_property
    def decode(self) -> Floats:
        """Per token, of steps of decodes only, at the mean context."""
        return self.decode_at(self.table.context)

    @cached_property
    def prompt(self) -> Floats:
        """Marginal time of one prompt that rides along."""
        table, chunk = self.table, self._chunk
        with_prompt = self.step(batch=self.batch, context=table.context, prompt=chunk)
        alone = self.step(batch=self.batch, context=table.context, prompt=np.zeros_like(chunk))
        found, chunks = table.inputs - table.computed, self._chunks
        later = table.computed * (found + table.computed / 2) - chunks * chunk**2 / 2
        rode = chunks * (with_prompt - alone) + self._pair * later
        return np.asarray(self._prompt_layers * rode)

    @cached_property
    def static_prefill(self) -> Floats:
        """All prompts of a batch at once, in micro-batches through the stages or by the budget."""
        table, pp = self.table, self.table.stage.pp
        tokens = np.maximum(self.batch, 1.0) * table.computed
        cut = (pp > 1) | ~np.isnan(table.step_tokens)
        parts = np.where(cut, np.maximum(tokens / table.micro_batch_tokens, 1.0), 1.0)
        part = tokens / parts
        round_s = self.step(
            batch=np.zeros_like(part), context=table.context, prompt=pp * part, together=True
        )
        within_part = self._pair * part * pp * part / 2
        attended = 2 * (table.inputs - table.computed) + table.computed
        own = self._pair * part * attended / 2  # a prompt attends to itself only
        rounds = (parts + pp - 1) * (round_s / pp - within_part + own)
        return np.asarray(self._prompt_layers * rounds)

    @cached_property
    def tpot(self) -> Floats:
        """Mean time per output token in a closed loop."""
        later = self._prompts_per_token
        further = (1.0 - self.constants.waiting) * self._further_s / self.table.outputs
        return np.asarray(self.decode + later * self.prompt + further)

    @cached_property
    def ttft(self) -> Floats:
        """Mean time to first token in a closed loop, of a request that has room."""
        parts = self.first_token_parts
        step = self.decode * self.table.gain
        return np.asarray(parts.frontend + step + parts.prompt + parts.waiting + parts.requests)

    @cached_property
    def first_token_parts(self) -> FirstTokenParts:
        """What the first token of a closed loop consists of, beside one step of decodes."""
        constants, table = self.constants, self.table
        ahead = np.maximum(self.batch * table.ranks - 1, 0.0)
        waiting = constants.waiting + (1.0 - constants.waiting) / table.outputs
        first = self._others - (table.outputs - 1.0) * self._prompts_per_token
        ridden = later_steps(table, self._chunks) * self.decode * table.gain
        return FirstTokenParts(
            frontend=np.asarray(constants.frontend_s * np.ones_like(self.batch)),
            prompt=np.asarray(constants.prompt_stretch * self.prompt + ridden),
            waiting=np.asarray(first * self.prompt + waiting * self._further_s),
            requests=np.asarray(constants.waiting * ahead * constants.request_s),
        )

    @cached_property
    def excess(self) -> Floats:
        """N/B - 1, requests that wait for room in the cache per request that has it [1]."""
        reported = self.table.concurrency
        wanted = np.where(np.isnan(reported), self.batch, reported)
        return np.asarray(np.maximum(wanted / np.maximum(self.batch, 1e-9) - 1, 0.0))

    @property
    def _others(self) -> Floats:
        return np.maximum(self.batch - 1, 0.0)

    @cached_property
    def _prompts_per_token(self) -> Floats:
        """Prompts of the others that each token after the first waits for [count].

        Where nobody says how many are in flight, the time per token stands for all of an answer,
        and holds all prompts.
        """
        share = (1.0 - self.constants.waiting) * self._others / self.table.outputs
        most = most_prompts(self.table, self.batch) / self.table.gain
        return np.where(np.isnan(self.table.concurrency), share, np.minimum(share, most))

    @cached_property
    def _chunk(self) -> Floats:
        return chunk_tokens(self.table, self.batch)

    @property
    def _chunks(self) -> Floats:
        """Steps that a prompt rides with, m."""
        return self.table.computed / self._chunk

    @cached_property
    def _further_s(self) -> Floats:
        """Of steps for which answers have no decodes left (`prompt_chunks`)."""
        none = np.zeros_like(self.batch)
        if np.isnan(self.table.step_tokens).all():
            return none
        empty = self.step(batch=none, context=self.table.context, prompt=none)
        return further_steps(self.table, self.batch, self._chunks) * empty

    @property
    def _prompt_layers(self) -> Floats:
        """Layers that a prompt passes through over those of the model: drafts add one."""
        return 1.0 + np.minimum(self.table.drafts, 1.0) / self.table.stage.layers

    @property
    def _pair(self) -> Floats:
        pair = prompt_pair_s(self.table.stage, self.constants.step)
        return np.asarray(pair * self.constants.vintage)
