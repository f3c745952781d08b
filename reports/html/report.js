"use strict";
/* Makes the page's tables of the JSON in it. Texts come from guests and logs: they are only ever
 * set as text. What can be thousands of times is made when it is opened. */
(() => {
	const data = JSON.parse(document.getElementById("data").textContent);
	const text = (place) => data.texts[place];
	const cases = data.cases.map((c, number) => ({
		number, module: text(c[0]), entry: text(c[1]), scenario: data.scenarios[c[2]],
		mark: data.marks[c[3]][0], urgency: c[3], id: text(c[4]), variant: text(c[5]),
		cost: c[6], reason: text(c[7]), observed: text(c[8]), expected: text(c[9]),
		because: text(c[10]), place: text(c[11]), command: text(c[12]), digest: text(c[13]),
		virtual: c[14], evidence: c[15] || [],
	}));
	for (const s of data.scenarios) {
		[s.name, s.title, s.why, s.group, s.scope] = s.slice(0, 5).map(text);
		s.promises = s[5].map(text);
		s.sources = s[6].map(text);
	}
	const entries = data.entries.map(text);
	const modules = [...new Set(cases.map((c) => c.module))];
	const symbols = {
		pass: "✓", fail: "✗", warn: "!", info: "i", skip: "–", error: "E",
		inconclusive: "?", "known failure": "k", "unexpected pass": "P",
	};
	const styleOf = (mark) => (mark === "skip" ? "skip-mark" : mark.replace(" ", "-"));
	const urgent = ["fail", "error", "inconclusive", "unexpected pass"];
	const expected = ["known failure", "warn"];

	/* An element: make("td.number", {title: "x"}, child or text, ...) */
	function make(what, attributes, ...children) {
		const [tag, ...classes] = what.split(".");
		const element = document.createElement(tag);

		if (classes.length)
			element.className = classes.join(" ");
		for (const [name, value] of Object.entries(attributes || {}))
			if (value !== undefined)
				element.setAttribute(name, value);
		element.append(...children.filter((c) => c !== null && c !== undefined));
		return element;
	}

	function groupBy(list, key) {
		const groups = new Map();

		for (const item of list) {
			const k = key(item);

			if (!groups.has(k))
				groups.set(k, []);
			groups.get(k).push(item);
		}
		return groups;
	}

	function section(id) {
		const element = document.getElementById(id);

		element.hidden = false;
		return element;
	}

	/* --- findings: what is broken, undecided or for information --------------------------- */

	const findings = [];

	function caseBlock(c) {
		const copy = make("button", {type: "button"}, "Copy");
		const block = make("div.case", {id: `case-${c.number}`},
			make("p", null, make("strong", null, c.entry), " ", make("code", null, c.id)),
			make("div.command", null, make("code", null, c.command), copy));

		copy.addEventListener("click", () => copyText(c.command, copy));
		if (c.evidence.length)
			block.append(make("details", null,
				make("summary", null, `Evidence: ${c.evidence.length} observations`),
				make("div.wide", null, evidenceTable(c))));
		block.append(make("p.fine", null, [
			c.virtual ? `${(c.virtual / 1e9).toFixed(3)} s in the guest` : "not run",
			c.digest && `digest ${c.digest}`].filter(Boolean).join(" · ")));
		return block;
	}

	function evidenceTable(c) {
		/* What decided first: the case's own, then what its controls saw. */
		const sorted = [...c.evidence].sort((a, b) => Boolean(text(a[5])) - Boolean(text(b[5])));
		const rows = sorted.map(([that, observed, right, holds, line, control]) =>
			make(holds === 0 ? "tr.broken" : "tr", null,
				make("td", null, {1: "holds", 0: "broken"}[holds] || "not seen"),
				make("td", null, text(control) ? `control: ${text(control)}` : "the case"),
				make("td", null, make("code", null, text(that))),
				make("td", null, make("code.long", null, text(observed))),
				make("td", null, make("code.long", null, text(right))),
				make("td.number", null, line || "")));

		return make("table.evidence", null,
			make("colgroup", null, ...Array.from({length: 6}, () => make("col"))),
			make("thead", null, make("tr", null, ...["", "Looked at in", "Observation", "Seen",
				"Right", "Line"].map((h) => make("th", null, h)))),
			make("tbody", null, ...rows));
	}

	function fact(list, name, value, style) {
		if (value)
			list.append(make("dt", null, name),
				make("dd" + (style ? "." + style : ""), null, value));
	}

	function fill(finding) {
		const [c] = finding.cases, s = c.scenario;
		const facts = make("dl.facts");

		if (finding.filled)
			return;
		finding.filled = true;
		fact(facts, "Seen", c.observed && make("code", null, c.observed), "seen");
		fact(facts, "Right", c.expected && make("code", null, c.expected), "right");
		fact(facts, "Verdict", c.reason);
		fact(facts, "Expected because", c.because);
		fact(facts, "Why it matters", s.why);
		fact(facts, "Written at", c.place && make("code", null, c.place));
		fact(facts, "Judged by promise", s.promises.join(", "));
		fact(facts, "Sources", s.sources.join(", "));
		finding.element.append(make("div.body", null, facts,
			make("p.soft", null, "To see it again, the same to the last byte under tcg:"),
			...finding.cases.map(caseBlock)));
	}

	function addFinding(list) {
		const [c] = list, s = c.scenario;
		const plain = new Set(list.filter((x) => !x.variant).map((x) => x.entry));
		const where = entries.length > 3 && plain.size === entries.length
			? "every entry" : list.map((x) => x.entry + x.variant).join(", ");
		const element = make("details.finding." + styleOf(c.mark), {id: `finding-${findings.length}`},
			make("summary", null,
				make("span.badge." + styleOf(c.mark), null, c.mark), " ",
				make("span.what", null, `${c.module}: ${s.title || s.name}`), " ",
				make("span.where", null, `${s.name} · ${where}`)));
		const finding = {element, cases: list, filled: false};

		element.addEventListener("toggle", () => element.open && fill(finding));
		findings.push(finding);
		for (const x of list)
			x.finding = finding;
		return element;
	}

	/* Cases of one module and property that say the same are one finding. */
	function listFindings(id, fits) {
		const shown = cases.filter(fits);
		const groups = groupBy(shown, (c) => JSON.stringify([c.module, c.scenario.name, c.mark, c.reason]));
		const sorted = [...groups.values()].sort((a, b) => b[0].urgency - a[0].urgency);

		if (!shown.length)
			return;
		const all = make("button", {type: "button"}, "Open all");
		const place = section(id);
		const elements = sorted.map(addFinding);

		place.append(make("p.soft", null, `${shown.length} cases, ${sorted.length} findings. `, all), ...elements);
		if (sorted.length > 200)
			all.hidden = true;
		all.addEventListener("click", () => {
			const open = !elements.every((e) => e.open);

			elements.forEach((e) => { e.open = open; });
			all.textContent = open ? "Close all" : "Open all";
		});
	}

	/* --- matrix ------------------------------------------------------------------------------ */

	const rows = [];

	function cell(list) {
		const worst = list.reduce((a, b) => (b.urgency > a.urgency ? b : a));
		const label = `${worst.mark}: ${worst.entry}, ${worst.scenario.name}`;
		const style = "mark." + styleOf(worst.mark);
		const mark = worst.finding
			? make("a." + style, {href: `#${worst.finding.element.id}`, title: label}, symbols[worst.mark])
			: make("span." + style, {title: worst.reason ? `${label}: ${worst.reason}` : label}, symbols[worst.mark]);

		if (list.length > 1)
			mark.append(make("sup", null, String(list.length)));
		return mark;
	}

	function columnHeads(first) {
		return make("tr", null, make("th", null, first), ...entries.map((e) => make("th", {scope: "col"}, e)));
	}

	/* A table for each group: what is not in sight costs the browser nothing (content-visibility). */
	function matrixOf(module, list) {
		const block = make("div", null, make("h3", null, module));

		for (const [group, members] of groupBy(list, (c) => c.scenario.group)) {
			const body = make("tbody"), head = columnHeads(group);
			const chunk = make("div.chunk.wide", null, make(entries.length > 10 ? "table.matrix.many" : "table.matrix", {"aria-label": `${module}, ${group}`},
				make("colgroup", null, make("col.name"), ...entries.map(() => make("col.entry"))),
				make("thead", null, head), body));

			for (const [, same] of groupBy(members, (c) => c.scenario.name)) {
				const s = same[0].scenario, by = groupBy(same, (c) => c.entry);
				const cells = entries.map((e) => make("td", null, by.has(e) ? cell(by.get(e)) : ""));
				const element = make("tr", null, make("th", {scope: "row", title: s.title}, s.name), ...cells);

				body.append(element);
				rows.push({element, block, chunk, head, cells, cases: same, module,
					text: `${module}\n${s.name}\n${s.title}\n${group}`.toLowerCase()});
			}
			chunk.style.containIntrinsicSize = `auto ${2 + 1.75 * body.rows.length}rem`;
			block.append(chunk);
		}
		return block;
	}

	function select(name, label, values) {
		return make("label", null, label, make("select", {name},
			make("option", {value: ""}, "all"), ...values.map((v) => make("option", {value: v}, v || "(none)"))));
	}

	function makeMatrix() {
		const marks = data.marks.map((m) => m[0]).reverse().filter((m) => m && cases.some((c) => c.mark === m));
		const count = make("output", {"aria-live": "polite"});
		const form = section("filters");
		const legend = make("p.legend", null, ...marks.map((m) => make("span", null,
			make("span.mark." + styleOf(m), null, symbols[m]), " ",
			data.marks.find((x) => x[0] === m)[1])));
		const blocks = [...groupBy(cases, (c) => c.module)].map(([module, list]) => matrixOf(module, list));
		let timer = 0;
		const later = () => { clearTimeout(timer); timer = setTimeout(() => filter(form, count), 60); };

		form.append(make("label", null, "Text", make("input", {type: "search", name: "text",
				placeholder: "module, property, group", autocomplete: "off"})),
			select("mark", "Verdict", marks), select("module", "Module", modules),
			select("entry", "Entry", entries), make("button", {type: "reset"}, "Reset"), count);
		form.addEventListener("input", later);
		form.addEventListener("reset", later);
		form.addEventListener("submit", (e) => e.preventDefault());
		document.addEventListener("keydown", (e) => {
			if (e.key === "/" && !/^(input|select|textarea)$/i.test(document.activeElement.tagName)) {
				e.preventDefault();
				form.elements.text.focus();
			}
		});
		section("matrix").append(legend, ...blocks);
		filter(form, count);
		return form;
	}

	/* Applies to the matrix, and to what is listed below it. */
	function filter(form, count) {
		const {text: words, mark, module, entry} = Object.fromEntries(new FormData(form));
		const needles = words.toLowerCase().split(/\s+/).filter(Boolean);
		const fits = (c) => (!mark || c.mark === mark) && (!entry || c.entry === entry);
		let shown = 0;

		for (const row of rows) {
			const hit = (!module || row.module === module) && needles.every((n) => row.text.includes(n));
			const left = hit ? row.cases.filter(fits) : [];

			row.element.hidden = !left.length;
			row.cases.forEach((c) => { c.shown = false; });
			left.forEach((c) => { c.shown = true; });
			shown += left.length;
			row.cells.forEach((td, i) => { td.hidden = Boolean(entry) && entries[i] !== entry; });
		}
		for (const head of new Set(rows.map((r) => r.head)))
			[...head.cells].slice(1).forEach((th, i) => { th.hidden = Boolean(entry) && entries[i] !== entry; });
		for (const key of ["chunk", "block"])
			for (const [element, members] of groupBy(rows, (r) => r[key]))
				element.hidden = members.every((r) => r.element.hidden);
		for (const f of findings)
			f.element.hidden = !f.cases.some((c) => c.shown);
		count.textContent = `${shown} of ${cases.length} cases`;
	}

	/* --- costs --------------------------------------------------------------------------------- */

	const milliseconds = (ns) => `${(ns / 1e6).toFixed(2)} ms`;

	/* Ratios are of one scenario, so that they compare the same thing: the one that is there for
	 * costs, otherwise the one that has most of them. */
	function costScenario(costly) {
		const by = [...groupBy(costly, (c) => c.scenario)];

		return by.reduce((a, b) => {
			const [x, y] = [a, b].map(([s, list]) => [s.group === "cost" ? 1 : 0, list.length]);

			return y[0] > x[0] || (y[0] === x[0] && y[1] > x[1]) ? b : a;
		});
	}

	function costTable(list, which, baseline) {
		const value = (module, entry) => {
			const c = list.find((x) => x.module === module && x.entry === entry && x.cost[which]);

			return c && c.cost[which];
		};
		const cellOf = (module, entry) => {
			const ns = value(module, entry), base = value(baseline, entry);
			const ratio = base && ns && module !== baseline ? `× ${(ns / base).toFixed(3)}` : "";

			return make("td.number", null, ns ? milliseconds(ns) : "–",
				ratio && make("div.soft", null, ratio));
		};
		const named = modules.filter((m) => list.some((c) => c.module === m));

		return make("div.wide", null, make("table", null,
			make("thead", null, make("tr", null, make("th", null, "Module"),
				...entries.map((e) => make("th.number", null, e)))),
			make("tbody", null, ...named.map((m) => make("tr", null, make("th", {scope: "row"}, m),
				...entries.map((e) => cellOf(m, e)))))));
	}

	function makeCosts() {
		const costly = cases.filter((c) => c.cost && c.cost[0] && !c.variant);

		if (!costly.length)
			return;
		const [scenario, list] = costScenario(costly);
		const baseline = ["none", "pam_basic"].find((b) => list.some((c) => c.module === b));

		section("costs").append(
			make("p.soft", null, `One login of the scenario ${scenario.name}, on the guest's clock: `
				+ "under tcg it counts instructions, and is the same each time. "
				+ (baseline ? `Ratios are to ${baseline}.` : "Nothing to compare with: the run had neither none nor pam_basic.")),
			make("h3", null, "Enter: from the entry's exec to the session's first instruction"),
			costTable(list, 0, baseline),
			make("h3", null, "Leave: from the session's last instruction to the entry's end"),
			costTable(list, 1, baseline));
	}

	/* --- for information ----------------------------------------------------------------------- */

	function informationRow(c) {
		const element = make("tr.finding", {id: `finding-${findings.length}`, tabindex: "-1"},
			make("th", {scope: "row"}, c.module),
			make("td", {title: c.scenario.why}, c.scenario.title || c.scenario.name),
			make("td", null, c.entry + c.variant),
			make("td", null, make("code", null, c.observed)), make("td", null, make("code", null, c.expected)));

		c.finding = {element, cases: [c], filled: true};
		findings.push(c.finding);
		return element;
	}

	function makeInformation() {
		const shown = cases.filter((c) => c.mark === "info");

		if (!shown.length)
			return;
		section("information").append(
			make("p.soft", null, "Figures and properties that no module can give: reported, never judged."),
			make("div.wide", null, make("table", null,
				make("thead", null, make("tr", null, ...["Module", "Property", "Entry", "Seen", "To compare with"]
					.map((h) => make("th", {scope: "col"}, h)))),
				make("tbody", null, ...shown.map(informationRow)))));
	}

	/* --- the page ------------------------------------------------------------------------------- */

	async function copyText(value, button) {
		const said = button.textContent;
		let done = true;

		try {
			await navigator.clipboard.writeText(value);
		} catch {
			const area = make("textarea");

			area.value = value;
			document.body.append(area);
			area.select();
			done = document.execCommand("copy");
			area.remove();
			button.focus();
		}
		button.textContent = done ? "Copied" : "Not copied";
		setTimeout(() => { button.textContent = said; }, 1500);
	}

	/* A link to a finding opens it, also one that a filter has hidden. */
	function follow(form) {
		const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));

		if (!target || !target.classList.contains("finding"))
			return;
		if (target.hidden)
			form.reset();
		target.hidden = false;
		if (target.tagName === "DETAILS")
			target.open = true;
		target.scrollIntoView();
		(target.querySelector("summary") || target).focus({preventScroll: true});
	}

	document.body.classList.toggle("large", cases.length > 500);
	listFindings("failures", (c) => c.module !== "none" && urgent.includes(c.mark));
	listFindings("expected", (c) => c.module !== "none" && expected.includes(c.mark));
	listFindings("baseline", (c) => c.module === "none" && [...urgent, ...expected].includes(c.mark));
	makeInformation();
	const form = cases.length ? makeMatrix() : null;
	makeCosts();
	document.getElementById("contents").append(
		...[...document.querySelectorAll("main > section")].filter((s) => !s.hidden)
			.map((s) => make("a", {href: `#${s.id}`}, s.querySelector("h2").textContent)));
	window.addEventListener("hashchange", () => follow(form));
	if (form)
		follow(form);
})();
