"use strict";
/* Event logs of any size, the same each time. */

const entries = ["su", "su-l", "sudo", "sudo-pty", "sshd", "sshd-kbdint", "login", "pamtester",
	"su-pty", "sudo-in-root", "sudo-in-proc", "sudo-in-self", "sudo-in-deleted", "sshd-pty",
	"sshd-subsystem", "sshd-mux", "cron", "su-root", "sudo-root", "sshd-root"];
const groups = ["invisibility", "proc", "teardown", "host", "cost"];
const environment = "debian12+linux-6.1.192";

const nameOf = (i) => `property-${String(i).padStart(3, "0")}`;

function scenario(i) {
	return {
		name: nameOf(i), group: groups[i % groups.length], scope: i % 9 === 8 ? "mask" : "must",
		title: `Property ${i} holds in each session`,
		why: "Somebody loses something where it does not. The process table fills up, or a secret is "
			+ "read by whoever looks; it was seen on real machines.",
		promises: ["pid-private"], sources: ["pid_namespaces(7)"],
		file: `/opt/pamlab/scenarios/${groups[i % groups.length]}/${nameOf(i)}.yaml`, line: 2,
	};
}

/* Evidence as long as that of real cases. */
function evidence(i, broken) {
	const list = ["outside", "without-module", undefined].flatMap((control) =>
		["argv_secrets", "environ_secrets", "dirs", "pids"].map((name, k) => ({
			that: `session.list.${name}`, observed: "[\"same\",\"other\",\"root\"]",
			expected: control ? "all of [\"same\",\"other\",\"root\"]" : "empty",
			holds: control !== undefined || !broken, line: 10 + k, control,
		})));

	list[11].observed = JSON.stringify(Array.from({length: 40}, (_, k) => k + i % 7));
	return list;
}

function caseLine(n, module, s, entry, verdict) {
	const broken = !["pass", "skip", "info"].includes(verdict);

	return {
		type: "case", id: `${module}/${entry}/${s.name}@${environment}#0:0`, module, entry,
		scenario: s.name, group: s.group, scope: s.scope, verdict, known: false,
		observed: "session.list.argv_secrets: [\"same\",\"other\"]",
		expected: "session.list.argv_secrets: empty",
		because: broken ? "a session must not read the arguments of processes outside it" : null,
		reason: verdict === "pass" ? null : `of session.list.argv_secrets was expected empty (${s.name})`,
		title: s.title, evidence: evidence(n, broken), virtual_ns: 2020000000 + n, wall_ms: 500,
		digest: n.toString(16).padStart(64, "0"), accel: "tcg", file: s.file, line: 14, repeat: 0, tries: 1,
		cost: {enter_ns: 6150000 + 1000 * (n % 97), leave_ns: 1200000 + n, total_ns: 19000000},
	};
}

/* verdictOf(n) says how the nth case went. */
function log(count, modules, verdictOf) {
	const perModule = count / modules.length, scenarios = [];
	const lines = [];

	for (let i = 0; i < Math.ceil(perModule / entries.length); i++)
		scenarios.push(scenario(i));
	lines.push({
		type: "run", format: 1, version: "0.1.0", started: "2026-01-01T00:00:00Z", image: "debian12",
		image_hash: "e8fe".repeat(16), kernel: "linux-6.1.192", kernel_hash: "5134".repeat(16),
		template: "e12653544ad2a4ab", qemu: "QEMU emulator version 7.2.22", accel: "tcg", dir: "results/x",
		argv: ["audit"], modules: modules.map((name) => ({name, path: `build/modules/${name}.so`,
			args: null, contract: `modules/${name}/contract.yaml`, sha256: "ab".repeat(32)})),
		scenarios, cases: count, strict: false, known: false,
	});
	for (let n = 0; n < count; n++) {
		const k = n % perModule;

		lines.push(caseLine(n, modules[Math.floor(n / perModule)],
			scenarios[Math.floor(k / entries.length)], entries[k % entries.length], verdictOf(n)));
	}
	lines.push({type: "end", counts: {}, exit: 1, wall_ms: 3600000, interrupted: false});
	return lines.map((l) => JSON.stringify(l)).join("\n") + "\n";
}

module.exports = {log};
