"""The claims ledger: every claim of the course with its verdict, made from the notebooks' stored outputs."""

import json
import re
from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

MIME_TYPE = "application/vnd.relubook.verdict+json"
VERDICTS = {
    "holds": "as people say it",
    "holds if": "under a condition, which is named",
    "misleading": "true words, wrong conclusion",
    "not shown": "our evidence cannot tell: the interval includes no difference",
    "false": "measured or proved otherwise",
}
RECORD = {
    "kind": str, "id": str, "statement": str, "decided_in": str,
    "verdict": str | None, "condition": str | None, "evidence": str,
    "checks": list, "sample": str | None, "literature": list,
}  # fmt: skip


LEDGER = "book/ledger"  # the page with the directive
BOX = re.compile(
    r'<div class="verdict [^>]*id="(?P<anchor>(?:claim|evidence)-(?P<id>\w+))"[^>]*><p[^>]*><strong>.*?</strong>'
)


class LedgerError(ExtensionError):
    """The stored verdicts contradict each other or the list of claims."""


def stored_records(notebook_path):
    """The verdict records in the stored outputs of one notebook, in order."""
    notebook = json.loads(Path(notebook_path).read_text(encoding="utf-8"))
    return [
        output["data"][MIME_TYPE]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if MIME_TYPE in output.get("data", {})
    ]


def fault(record, chapter, claims):
    """What is wrong with one record, or None."""
    if not isinstance(record, dict) or set(record) != set(RECORD):
        return f"is malformed: it needs exactly the keys {', '.join(RECORD)}"
    for key, kind in RECORD.items():
        if not isinstance(record[key], kind):
            return f"is malformed: {key} is {record[key]!r}"
    claim = claims.get(record["id"])
    if claim is None:
        return f"is about {record['id']}, which claims.json doesn't have"
    for key in ("statement", "decided_in"):
        if record[key] != claim[key]:
            return f"gives {record['id']} another {key} than claims.json"
    if record["kind"] == "evidence":
        return None if record["verdict"] is None else f"is evidence on {record['id']}, yet gives a verdict"
    if record["kind"] != "decision" or record["verdict"] not in VERDICTS:
        return f"gives {record['id']} the {record['kind']} {record['verdict']!r}"
    if (record["verdict"] == "holds if") != bool(record["condition"]):
        return f"gives {record['id']} {record['verdict']!r} with the condition {record['condition']!r}"
    if claim["decided_in"] != chapter:
        return f"decides {record['id']}, which claims.json leaves to chapter {claim['decided_in']}"
    return None


def read_ledger(claims_path, notebooks):
    """The groups of claims, each claim with its `decision` (or None) and its `evidence`.

    `notebooks` maps a chapter's number ("01") to the path of its notebook. In the result, records have
    the key `chapter` added. Raises LedgerError, naming every fault at once.
    """
    groups = json.loads(Path(claims_path).read_text(encoding="utf-8"))["groups"]
    listed = [claim for group in groups for claim in group["claims"]]
    claims = {claim["id"]: claim for claim in listed}
    faults = [f"claims.json has {key} {n} times" for key, n in Counter(c["id"] for c in listed).items() if n > 1]
    for claim in listed:
        claim |= {"decision": None, "evidence": []}
    for chapter, path in sorted(notebooks.items()):
        for record in stored_records(path):
            problem = fault(record, chapter, claims)
            if problem:
                faults.append(f"{Path(path).name}: a verdict {problem}")
                continue
            claim, record = claims[record["id"]], record | {"chapter": chapter}
            if record["kind"] == "evidence":
                claim["evidence"].append(record)
            elif claim["decision"]:
                faults.append(f"{Path(path).name}: {record['id']} is decided twice")
            else:
                claim["decision"] = record
    if faults:
        raise LedgerError("The claims ledger cannot be made:\n  " + "\n  ".join(faults))
    return groups


def ledger_of(env):
    """The groups of :func:`read_ledger` and the pages by chapter; the page that asks follows their files."""
    root = Path(env.srcdir)
    claims_path = root / "notebooks" / "relubook" / "claims.json"
    pages = {Path(docname).name[:2]: docname for docname in env.found_docs if docname.startswith("notebooks/")}
    notebooks = {chapter: env.doc2path(docname) for chapter, docname in pages.items()}
    # The table of contents too: a chapter that is added there must make this page anew.
    for path in (claims_path, root / "_toc.yml", *notebooks.values()):
        env.note_dependency(str(path))
    return read_ledger(claims_path, notebooks), pages


def verdict_numbers(groups):
    """How many claims got which verdict, in the order of VERDICTS; the open ones last."""
    number = Counter(
        claim["decision"]["verdict"] if claim["decision"] else "open" for group in groups for claim in group["claims"]
    )
    return {verdict: number[verdict] for verdict in (*VERDICTS, "open")}


def anchor_sign(anchor, claim_id):
    """The visible sign that links to a claim's own place."""
    return (
        f'<a class="claim-anchor" href="#{anchor}" title="Link to this place" aria-label="# link to {claim_id}">#</a>'
    )


class ClaimRole(SphinxRole):
    """``{claim}`F1` ``: a claim's id and verdict, linked to the ledger, so that no page types a verdict."""

    def run(self):
        groups, _ = ledger_of(self.env)
        claim = next((claim for group in groups for claim in group["claims"] if claim["id"] == self.text), None)
        if claim is None:
            message = self.inliner.reporter.error(f"claims.json has no claim {self.text!r}", line=self.lineno)
            return [], [message]
        verdict = claim["decision"]["verdict"] if claim["decision"] else "open"
        page = self.env.app.builder.get_relative_uri(self.env.docname, LEDGER)
        words = f"{self.text} {verdict}"
        return [nodes.reference("", words, refuri=f"{page}#{self.text}", internal=True, classes=["claim-link"])], []


class ClaimsLedger(SphinxDirective):
    """``{claims-ledger}``: the counts, then every claim by group."""

    def run(self):
        groups, self.pages = ledger_of(self.env)
        return [self.counts(groups), *map(self.group, groups)]

    def counts(self, groups):
        """How many claims got which verdict."""
        number = verdict_numbers(groups)
        items = []
        for verdict, meaning in (VERDICTS | {"open": "not measured yet"}).items():
            term = nodes.inline("", f"{number[verdict]} {verdict}", classes=["ledger-count"])
            items.append(nodes.list_item("", nodes.paragraph("", "", term, nodes.Text(f": {meaning}"))))
        return nodes.bullet_list("", *items, classes=["ledger-counts"])

    def group(self, group):
        section = nodes.section(ids=[nodes.make_id(group["title"])], names=[])
        section += nodes.title("", group["title"])
        section += [self.claim(claim) for claim in group["claims"]]
        return section

    def claim(self, claim):
        decision = claim["decision"]
        verdict = decision["verdict"] if decision else "open"
        card = nodes.container(ids=[claim["id"]], classes=["claim", f"verdict-{verdict.replace(' ', '-')}"])
        card["support_smartquotes"] = False  # what was stored stands here as it was stored
        card += nodes.paragraph(
            "", "",
            nodes.inline("", claim["id"], classes=["claim-id"]), nodes.Text(" "),
            nodes.strong("", claim["statement"]), nodes.Text(" "),
            nodes.raw("", anchor_sign(claim["id"], claim["id"]), format="html"),
            classes=["claim-statement"],
        )  # fmt: skip
        words = f"{verdict} {decision['condition'] or ''}".strip() if decision else "open"
        facts = [("Verdict", [nodes.Text(words)])]
        if decision:
            facts += self.facts(decision)
        else:
            facts.append(("To be decided in", [self.link(claim["decided_in"], "")]))
        for record in claim["evidence"]:
            facts += self.facts(record, "More evidence")
        definitions = []
        for label, content in facts:
            answer = nodes.definition("", nodes.paragraph("", "", *content))
            definitions.append(nodes.definition_list_item("", nodes.term("", label), answer))
        card += nodes.definition_list("", *definitions)
        return card

    def facts(self, record, label="Evidence"):
        """The lines of one record, as (label, inline nodes)."""
        anchor = f"{'claim' if record['kind'] == 'decision' else 'evidence'}-{record['id']}"
        # What stands between backticks is code.
        words = enumerate(record["evidence"].split("`"))
        yield label, [nodes.literal("", part) if i % 2 else nodes.Text(part) for i, part in words if part]
        if record["sample"]:
            yield "Sample", [nodes.Text(record["sample"])]
        if record["literature"]:
            keys = ",".join(record["literature"])
            yield "Papers", self.parse_inline(f"{{cite:t}}`{keys}`")[0]
        yield "Measured in", [self.link(record["chapter"], anchor)]

    def link(self, chapter, anchor):
        """The chapter's name, as a link where its page exists."""
        name = f"chapter {chapter}"
        if chapter not in self.pages:
            return nodes.Text(name)
        target = self.env.app.builder.get_relative_uri(self.env.docname, self.pages[chapter])
        return nodes.reference("", name, refuri=f"{target}#{anchor}" if anchor else target, internal=True)


class LedgerCount(SphinxDirective):
    """``{ledger-count}``: how the claims fared, in one picture and its numbers. Its content is for other readers."""

    has_content = True

    def run(self):
        groups, _ = ledger_of(self.env)
        number = verdict_numbers(groups)
        claims = sum(number.values())
        shown = [(verdict, count) for verdict, count in number.items() if count]
        names = {verdict: f"verdict-{verdict.replace(' ', '-')}" for verdict in number}
        bar = "".join(f'<span class="{names[verdict]}" style="flex-grow: {count}"></span>' for verdict, count in shown)
        ledger = self.env.app.builder.get_relative_uri(self.env.docname, LEDGER)
        items = "".join(
            f'<li class="{names[verdict]}"><b>{count}</b> <span>{escape(verdict)}</span></li>'
            for verdict, count in shown
        )
        html = (
            f'<div class="ledger-tally"><p><b>{claims - number["open"]} of {claims}</b> claims have a verdict so far '
            f'(<a href="{ledger}">what the words mean</a>):</p>'
            f'<div class="ledger-bar" aria-hidden="true">{bar}</div><ul>{items}</ul></div>'
        )
        return [nodes.raw("", html, format="html")]


def mark_boxes(app, pagename, templatename, context, doctree):
    """Beside each verdict in a chapter: a sign that links to its place, and the way to the ledger."""
    if not pagename.startswith("notebooks/") or LEDGER not in app.env.found_docs:
        return
    ledger = app.builder.get_relative_uri(pagename, LEDGER)

    def marked(box):
        words = f'<a class="claim-ledger" href="{ledger}#{box["id"]}">in the ledger</a>'
        return f"{box[0]} {anchor_sign(box['anchor'], box['id'])} {words}"

    context["body"] = BOX.sub(marked, context["body"])


def hide_records(app, docname, content):
    """On source-read: keep the machine's copies from MyST-NB, which doesn't know their type."""
    if MIME_TYPE in content[0] and app.env.doc2path(docname).endswith(".ipynb"):
        notebook = json.loads(content[0])
        for cell in notebook["cells"]:
            for output in cell.get("outputs", ()):
                output.get("data", {}).pop(MIME_TYPE, None)
        content[0] = json.dumps(notebook)


def setup(app):
    app.connect("source-read", hide_records)
    app.connect("html-page-context", mark_boxes)
    app.add_directive("claims-ledger", ClaimsLedger)
    app.add_directive("ledger-count", LedgerCount)
    app.add_role("claim", ClaimRole())
