"""Verdicts: how a cell decides one of the book's claims.

A cell ends with ``decide(...)``. The reader sees a box; the stored output also keeps a copy for
machines, from which the claims ledger is made. The statements themselves stand in ``claims.json``.
"""

import html
import json
import re
from pathlib import Path

VERDICTS = ("holds", "holds if", "misleading", "not shown", "false")
MIME_TYPE = "application/vnd.relubook.verdict+json"
_CLAIMS_FILE = Path(__file__).with_name("claims.json")


def claims():
    """Return every claim of the course as a dict from its id to its entry."""
    groups = json.loads(_CLAIMS_FILE.read_text(encoding="utf-8"))["groups"]
    return {claim["id"]: claim for group in groups for claim in group["claims"]}


def decide(claim_id, verdict, *, evidence, checks=None, condition=None, sample=None, literature=()):
    """Give a claim its verdict, and fail if the evidence no longer supports it.

    Parameters
    ----------
    claim_id : str
        An id from ``claims.json``, such as ``"W1"``.
    verdict : str
        One of ``VERDICTS``.
    evidence : str
        One or two sentences for the reader, with the numbers computed in the chapter; code stands
        between backticks.
    checks : dict of str to bool
        What must be true for the verdict to stand. Each one is asserted.
    condition : str, optional
        Under which condition the claim holds; required for "holds if", else not allowed.
    sample : str, optional
        Sample size and interval, where the evidence is statistical.
    literature : sequence of str
        Keys of ``book/references.bib``, for claims that are decided on papers.

    Returns
    -------
    Verdict, to be left as the last expression of the cell.

    Raises
    ------
    AssertionError
        One of the checks is false: the message names it.
    ValueError
        An unknown claim or verdict, no evidence, or neither checks nor literature.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"decide: verdict is {verdict!r}; allowed are {', '.join(VERDICTS)}")
    if (verdict == "holds if") != bool(condition):
        raise ValueError(
            f"decide: verdict is {verdict!r} and condition is {condition!r}; "
            "a condition belongs to 'holds if' and to no other verdict"
        )
    return _verdict("decide", "decision", claim_id, verdict, condition, evidence, checks, sample,
                    literature)


def add_evidence(claim_id, *, evidence, checks, sample=None):
    """Add evidence to a claim that another chapter decides. Arguments as for :func:`decide`."""
    return _verdict("add_evidence", "evidence", claim_id, None, None, evidence, checks, sample, ())


def _verdict(function, kind, claim_id, verdict, condition, evidence, checks, sample, literature):
    known = claims()
    if claim_id not in known:
        raise ValueError(f"{function}: claim_id is {claim_id!r}; allowed are {', '.join(known)}")
    if not evidence:
        raise ValueError(f"{function}: evidence is empty; say what was computed")
    if not checks and not literature:
        raise ValueError(f"{function}: give checks (name: True or False) or literature")
    for name, passed in (checks or {}).items():
        if not passed:
            raise AssertionError(f"{claim_id}: the verdict no longer stands, because this is false: {name}")
    return Verdict({
        "kind": kind,
        "id": claim_id,
        "statement": known[claim_id]["statement"],
        "decided_in": known[claim_id]["decided_in"],
        "verdict": verdict,
        "condition": condition,
        "evidence": evidence,
        "checks": list(checks or {}),
        "sample": sample,
        "literature": list(literature),
    })


class Verdict:
    """A decided claim, or a piece of evidence; Jupyter shows it as a box."""

    def __init__(self, record):
        self.record = record

    @property
    def headline(self):
        """The verdict in a few words, such as ``W1 holds``."""
        record = self.record
        if record["kind"] == "evidence":
            return f"{record['id']}: more evidence; decided in chapter {record['decided_in']}"
        return f"{record['id']}: {record['verdict']}" + (
            f" {record['condition']}" if record["condition"] else "")

    def __repr__(self):
        record = self.record
        lines = [self.headline, f"Claim: {record['statement']}", record["evidence"]]
        if record["sample"]:
            lines.append(record["sample"])
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": repr(self),
            "text/html": self._box(),
            MIME_TYPE: self.record,
        }

    def _box(self):
        record = self.record
        kind = "evidence" if record["kind"] == "evidence" else record["verdict"].replace(" ", "-")
        anchor = ("evidence-" if record["kind"] == "evidence" else "claim-") + record["id"]
        evidence = re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(record["evidence"]))
        parts = [
            f"<p class=\"verdict-head\"><strong>{html.escape(self.headline)}</strong></p>",
            f"<p class=\"verdict-claim\">Claim: <q>{html.escape(record['statement'])}</q></p>",
            f"<p class=\"verdict-evidence-text\">{evidence}</p>",
        ]
        if record["sample"]:
            parts.append(f"<p class=\"verdict-sample\">{html.escape(record['sample'])}</p>")
        # The border is set here too, so that the box is seen in JupyterLab, which has no style sheet of ours.
        return (
            f"<div class=\"verdict verdict-{kind}\" id=\"{anchor}\" "
            "style=\"border-left: 0.3em solid; padding-left: 0.8em\">" + "".join(parts) + "</div>"
        )
