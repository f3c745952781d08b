#!/usr/bin/python3
"""Commands of a CI recipe, as they stand in it: recipe.py FILE VARIANT prints a shell script.

VARIANT of ci/github.yml is a value of its matrix, of ci/gitlab.yml a job, or "JOB I/N" of one that is
run in parallel. What a variable of the recipe is set to in the environment takes precedence. Also
checks the structure of the recipe; exit status 1, with a line that says what is wrong.
"""
import os
import re
import shlex
import sys

import yaml


class Wrong(Exception):
    pass


def known_keys(where, mapping, keys, needed=()):
    if not isinstance(mapping, dict):
        raise Wrong(f"{where}: a mapping expected")
    for key in mapping:
        if key not in keys:
            raise Wrong(f"{where}: no such key: {key}")
    for key in needed:
        if key not in mapping:
            raise Wrong(f"{where}: {key} is missing")


def set_variables(variables, values):
    """Lines that set what the environment does not."""
    lines = []
    for name, value in variables.items():
        if name in os.environ:
            value = os.environ[name]
        else:
            value = re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda m: values[m[1]], str(value))
            value = re.sub(r"\$(\w+)", lambda m: values.get(m[1], m[0]), value)
        lines.append(f"export {name}={shlex.quote(value)}")
    return lines


# --- GitHub: the keys of "Workflow syntax for GitHub Actions" that we use, and no others ------------
GITHUB = {"name", "on", True, "permissions", "defaults", "env", "jobs"}
GITHUB_JOB = {"runs-on", "container", "strategy", "env", "steps", "needs", "if", "permissions"}
GITHUB_STEP = {"name", "uses", "with", "run", "if", "env", "id"}


def check_github(recipe):
    known_keys("workflow", recipe, GITHUB, ["name", "jobs"])
    if True not in recipe and "on" not in recipe:  # YAML 1.1 reads `on` as true
        raise Wrong("workflow: on is missing")
    for name, job in recipe["jobs"].items():
        known_keys(name, job, GITHUB_JOB, ["runs-on", "steps"])
        for i, step in enumerate(job["steps"]):
            known_keys(f"{name}: step {i + 1}", step, GITHUB_STEP)
            if ("run" in step) == ("uses" in step):
                raise Wrong(f"{name}: step {i + 1}: either run or uses")
            if "uses" in step and not re.fullmatch(r"[\w-]+/[\w/-]+@[\w.]+", step["uses"]):
                raise Wrong(f"{name}: step {i + 1}: uses {step['uses']}")
            if "${{" in step.get("run", ""):
                raise Wrong(f"{name}: step {i + 1}: an expression in a script is an injection")


def github(recipe, accel):
    check_github(recipe)
    (job,) = recipe["jobs"].values()
    if accel not in job["strategy"]["matrix"]["accel"]:
        raise Wrong(f"the matrix has no {accel}")
    values = {"matrix.accel": accel, "github.workspace": os.getcwd()}
    lines = set_variables({**recipe["env"], **job["env"]}, values)
    for step in job["steps"]:
        cond = step.get("if", "")
        if "run" not in step or ("== 'tcg'" in cond and accel != "tcg"):
            continue
        always = "!cancelled()" in cond
        # each step is a script of its own, run as GitHub does
        run = f"bash --noprofile --norc -eo pipefail -c {shlex.quote(step['run'])}"
        lines.append(f"if [ $status -eq 0 ]{' || true' if always else ''}; then\n{run} || status=$?\nfi")
    return lines


# --- GitLab: the keys of "CI/CD YAML syntax reference" that we use ----------------------------------
GITLAB_JOB = {"image", "before_script", "script", "cache", "extends", "stage", "parallel", "artifacts",
              "tags", "rules", "needs", "variables"}


def check_gitlab(recipe):
    stages = recipe.get("stages", [])
    for name, job in recipe.items():
        if name in ("stages", "variables"):
            continue
        known_keys(name, job, GITLAB_JOB, [] if name.startswith(".") else ["script", "stage"])
        if not name.startswith(".") and job["stage"] not in stages:
            raise Wrong(f"{name}: no stage {job['stage']}")
        if job.get("extends", ".pamlab") not in recipe:
            raise Wrong(f"{name}: extends {job['extends']}, which is not there")
        for key in ("before_script", "script"):
            for command in job.get(key, []):
                if not isinstance(command, str):
                    raise Wrong(f"{name}: {key}: {command} is no command")


def gitlab(recipe, variant):
    check_gitlab(recipe)
    name, _, shard = variant.partition(" ")
    job = recipe[name]
    base = recipe[job["extends"]]
    lines = set_variables(recipe["variables"], {"CI_PROJECT_DIR": os.getcwd()})
    if shard:
        index, total = shard.split("/")
        if int(total) != job.get("parallel", 1):
            raise Wrong(f"{name} is not run as {total}")
        lines += [f"export CI_NODE_INDEX={index}", f"export CI_NODE_TOTAL={total}"]
    script = "\n".join(base["before_script"] + job["script"])
    return lines + [f"bash -eo pipefail -c {shlex.quote(script)} || status=$?"]


def main():
    path, variant = sys.argv[1:3]
    try:
        with open(path, encoding="utf-8") as f:
            recipe = yaml.safe_load(f)
        kind = github if os.path.basename(path).startswith("github") else gitlab
        lines = kind(recipe, variant)
    except (Wrong, KeyError, ValueError, yaml.YAMLError) as why:
        print(f"{path}: {why}", file=sys.stderr)
        return 1
    print("status=0", *lines, "exit $status", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
