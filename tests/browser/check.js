"use strict";
/* Reports in a real browser: they render, say nothing on the console, fetch nothing, their links
 * lead somewhere, the filter filters, light and dark can be read, and 10,000 cases open in 2 s. */
const assert = require("node:assert/strict");
const {execFileSync} = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const {chromium} = require("playwright-core");
const synthetic = require("./synthetic.js");

const work = path.resolve("build/browser");
const arguments_ = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync"];
const OPEN_MS = 2000;

function report(format, log, suffix) {
	const file = path.join(work, `${path.basename(log, ".jsonl")}.${suffix || format}`);

	execFileSync("build/pamlab", ["report", "--format", format, "-o", file, log], {stdio: "pipe"});
	return file;
}

function makeLogs() {
	const mixed = (n) => (n % 50 === 3 ? "fail" : n % 211 === 5 ? "inconclusive" : n % 37 === 1 ? "info"
		: n % 23 === 2 ? "skip" : n % 83 === 7 ? "warn" : "pass");
	const logs = {
		mixed: synthetic.log(10000, ["none", "pam_basic", "pam_one", "pam_two", "pam_three"], mixed),
		broken: synthetic.log(10000, ["pam_broken", "pam_worse"], () => "fail"),
	};

	for (const [name, text] of Object.entries(logs))
		fs.writeFileSync(path.join(work, `${name}.jsonl`), text);
	return {
		...Object.fromEntries(Object.keys(logs).map((n) => [n, path.join(work, `${n}.jsonl`)])),
		plain: "tests/unit/data/plain.jsonl", hostile: "tests/unit/data/hostile.jsonl",
		reports: "tests/unit/data/reports.jsonl",
	};
}

function checkSarif(logs) {
	const Ajv = require("ajv");
	const ajv = new Ajv({schemaId: "auto", allErrors: true, unknownFormats: "ignore"});

	ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json"));
	const validate = ajv.compile(JSON.parse(fs.readFileSync(
		require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"))));

	for (const log of Object.values(logs)) {
		const sarif = JSON.parse(fs.readFileSync(report("sarif", log)));

		assert.ok(validate(sarif), `${log}: ${JSON.stringify(validate.errors, null, 1)}`);
		sarif.runs[0].results.forEach((r) => { r.level = "fatal"; });
		if (sarif.runs[0].results.length)
			assert.ok(!validate(sarif), "the schema takes everything");
	}
	const golden = JSON.parse(fs.readFileSync("tests/unit/data/hostile.sarif"));

	assert.ok(validate(golden), JSON.stringify(validate.errors));
}

/* Contrast of what is shown on what is behind it, WCAG 2.1, 1.4.3. */
function contrastInPage(selector) {
	const parse = (c) => c.match(/[\d.]+/g).map(Number);
	const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
		.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const element = [...document.querySelectorAll(selector)].find((e) => e.offsetParent);
	let behind = element;

	if (!element)
		return null;
	while (behind && parse(getComputedStyle(behind).backgroundColor)[3] === 0)
		behind = behind.parentElement;
	const [a, b] = [getComputedStyle(element).color, getComputedStyle(behind || document.body).backgroundColor]
		.map((c) => luminance(parse(c))).sort((x, y) => y - x);

	return (a + 0.05) / (b + 0.05);
}

async function open(context, file, before) {
	const page = await context.newPage();
	const said = [];

	page.on("console", (m) => said.push(`console ${m.type()}: ${m.text()}`));
	page.on("pageerror", (e) => said.push(`error: ${e}`));
	page.on("dialog", (d) => { said.push(`dialog: ${d.message()}`); d.dismiss(); });
	page.on("request", (r) => /^(file|data):/.test(r.url()) || said.push(`request: ${r.url()}`));
	page.said = said;
	if (before)
		await before(page);
	await page.goto(`file://${file}`);
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
	return page;
}

/* From the request to the second frame after the load: on the clock, and the time that the page's
 * thread had a processor, which is what another load on the machine does not change. */
async function openTime(context, file) {
	let client = null;
	const page = await open(context, file, async (p) => {
		client = await context.newCDPSession(p);
		await client.send("Performance.enable", {timeDomain: "threadTicks"});
	});
	const clock = await page.evaluate(() => performance.now());
	const {metrics} = await client.send("Performance.getMetrics");
	const ms = 1000 * metrics.find((m) => m.name === "TaskDuration").value;
	const cases = await page.locator("#filters output").textContent();

	assert.deepEqual(page.said, []);
	await page.close();
	return {ms, clock, cases};
}

async function checkLinks(page) {
	const dead = await page.evaluate(() => [...document.querySelectorAll("a")]
		.map((a) => a.getAttribute("href"))
		.filter((h) => !h.startsWith("#") || !document.getElementById(h.slice(1))));

	assert.deepEqual(dead, [], "links that lead nowhere");
}

async function checkFilter(page) {
	const rows = () => page.locator(".matrix tbody tr:visible").count();
	const findings = () => page.locator("#failures .finding:visible").count();
	const form = page.locator("#filters");
	const [allRows, allFindings] = [await rows(), await findings()];
	const settle = () => page.waitForTimeout(150);

	await form.locator("[name=text]").fill("property-003");
	await settle();
	assert.ok(await rows() > 0 && await rows() < allRows, "text filters rows");
	assert.ok(await findings() < allFindings, "text filters findings");
	await form.locator("[name=text]").fill("no such property");
	await settle();
	assert.equal(await rows(), 0);
	assert.match(await form.locator("output").textContent(), /^0 of /);
	await form.locator("button[type=reset]").click();
	await settle();
	assert.equal(await rows(), allRows);
	await form.locator("[name=mark]").selectOption("inconclusive");
	await settle();
	assert.ok(await rows() < allRows && await findings() < allFindings, "verdict filters");
	await form.locator("button[type=reset]").click();
	await form.locator("[name=module]").selectOption("pam_two");
	await settle();
	assert.equal(await page.locator("#matrix h3:visible").count(), 1, "module filters");
	await form.locator("button[type=reset]").click();
	await form.locator("[name=entry]").selectOption("sshd");
	await settle();
	assert.equal(await page.locator(".matrix").first().locator("thead th:visible").count(), 2, "entry filters");
	await form.locator("button[type=reset]").click();
	await settle();
	await page.locator("h1").click();
	await page.keyboard.press("/");
	assert.equal(await page.evaluate(() => document.activeElement.name), "text", "/ goes to the filter");
	await page.keyboard.press("Escape");
}

async function checkFinding(page) {
	const cell = page.locator("#matrix h3:text-is('pam_one') ~ .chunk a.mark.fail").first();
	const target = await cell.getAttribute("href");

	await cell.focus();
	await page.keyboard.press("Enter");
	await page.waitForSelector(`${target}[open] .facts`);
	const body = await page.locator(target).textContent();

	for (const part of ["Seen", "Right", "Why it matters", "pamlab repro "])
		assert.ok(body.includes(part), part);
	const copy = page.locator(`${target} .command button`).first();

	await copy.click();
	await page.waitForFunction((s) => document.querySelector(s).textContent === "Copied", `${target} .command button`);
	await page.locator(`${target} details summary`).first().click();
	assert.ok(await page.locator(`${target} .evidence tr.broken`).first().isVisible());
}

async function checkPolicy(page) {
	const blocked = await page.evaluate(() => new Promise((done) => {
		document.addEventListener("securitypolicyviolation", (e) => done(e.effectiveDirective));
		fetch("http://127.0.0.1:9/").catch(() => {});
		setTimeout(() => done("nothing"), 2000);
	}));

	assert.equal(blocked, "connect-src");
	page.said.length = 0; /* the browser says so, too */
}

async function checkColours(page, scheme) {
	await page.emulateMedia({colorScheme: scheme});
	for (const what of ["h1", ".soft", ".badge.no", ".badge.baseline", "a", ".mark.fail", ".mark.pass",
		".mark.skip-mark", ".mark.warn", ".mark.info", ".facts .seen", ".facts .right", ".evidence .broken code",
		".command code", "button", "thead th", "#filters label"]) {
		const ratio = await page.evaluate(contrastInPage, what);

		assert.ok(ratio !== null, `${what} is not there`);
		assert.ok(ratio >= 4.5, `${scheme}: ${what} has a contrast of ${ratio.toFixed(2)}`);
	}
	return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

async function checkWidth(page, width) {
	await page.setViewportSize({width, height: 900});
	const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

	assert.ok(over <= 0, `${over} pixels too wide at ${width}`);
}

const tests = {
	async sarif(context, logs) {
		checkSarif(logs);
	},
	async "a large report"(context, logs) {
		const page = await open(context, report("html", logs.mixed));

		assert.match(await page.locator("h1").textContent(), /^Not safe to ship: pam_basic, pam_one/);
		await checkLinks(page);
		await checkFilter(page);
		await checkFinding(page);
		await page.screenshot({path: path.join(work, "finding.png")});
		assert.deepEqual(page.said, []);
		const [light, dark] = [await checkColours(page, "light"), await checkColours(page, "dark")];

		assert.notEqual(light, dark);
		await checkWidth(page, 1280);
		await checkWidth(page, 400);
		await checkPolicy(page);
		await page.close();
	},
	async "hostile names"(context, logs) {
		const page = await open(context, report("html", logs.hostile));

		await page.locator("#failures summary").first().click();
		assert.ok((await page.locator("#failures").textContent()).includes("<script>alert(1)</script>"));
		assert.equal(await page.locator("script").count(), 2);
		assert.ok(!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(await page.textContent("body")));
		await checkLinks(page);
		assert.deepEqual(page.said, []);
		await page.close();
	},
	async "costs and information"(context, logs) {
		const page = await open(context, report("html", logs.mixed));

		assert.match(await page.locator("#costs").textContent(), /Ratios are to none.*× \d\.\d/s);
		assert.ok(await page.locator("#information .finding").count() > 0);
		await page.close();
	},
	async "10,000 cases open in 2 s"(context, logs) {
		for (const name of ["mixed", "broken"]) {
			const file = report("html", logs[name]), times = [], clocks = [];

			for (let i = 0; i < 3; i++) {
				const {ms, clock, cases} = await openTime(context, file);

				assert.equal(cases, "10000 of 10000 cases");
				times.push(Math.round(ms));
				clocks.push(Math.round(clock));
			}
			console.log(`  ${name}: ${(fs.statSync(file).size / 1e6).toFixed(1)} MB, open in ${times.join(", ")} ms, `
				+ `on the clock ${clocks.join(", ")} ms`);
			assert.ok(Math.min(...times) < OPEN_MS, `${name} took ${times} ms`);
		}
	},
	async screenshots(context, logs) {
		for (const name of ["plain", "hostile", "mixed", "broken", "reports"])
			for (const scheme of ["light", "dark"]) {
				const page = await open(context, report("html", logs[name]));

				await page.emulateMedia({colorScheme: scheme});
				await page.screenshot({path: path.join(work, `${name}-${scheme}.png`)});
				await page.close();
			}
	},
};

async function main() {
	const logs = makeLogs();
	const browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: arguments_});
	let failed = 0;

	for (const [name, test] of Object.entries(tests)) {
		if (process.argv.length > 2 && !process.argv.slice(2).some((word) => name.includes(word)))
			continue;
		const context = await browser.newContext({viewport: {width: 1280, height: 900}});

		try {
			await test(context, logs);
			console.log(`ok   ${name}`);
		} catch (e) {
			failed++;
			console.log(`FAIL ${name}: ${e.stack}`);
		}
		await context.close();
	}
	await browser.close();
	process.exit(failed ? 1 : 0);
}

main();
