"""The interface's documentation is true: its example is accepted, its answers are as described."""

import httpx
import jsonschema  # type: ignore[import-untyped]

from tests.xapp.rig import Rig, report


def test_the_example_in_the_documentation_is_valid(rig: Rig) -> None:
    api = rig.send("GET", "/openapi.json").json()
    body = api["paths"]["/decide"]["post"]["requestBody"]["content"]["application/json"]
    schema = {**body["schema"], "components": api["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(body["example"])
    assert not validator.is_valid(body["example"] | {"x": 1})
    late = body["example"]
    rig.time.ms = late["start_ms"]
    assert rig.decide(late).status_code == 200
    assert rig.send("GET", "/docs").status_code == 200


def test_answers_are_as_documented(rig: Rig) -> None:
    api = rig.send("GET", "/openapi.json").json()

    def check(path: str, method: str, response: httpx.Response) -> None:
        described = api["paths"][path][method]["responses"][str(response.status_code)]
        content = described["content"][response.headers["content-type"]]
        schema = {**content["schema"], "components": api["components"]}
        jsonschema.Draft202012Validator(schema).validate(response.json())

    unseen = report().to_document()
    unseen["slices"][0]["measurements"].clear()
    check("/decide", "post", rig.decide(unseen))
    check("/decide", "post", rig.decide(unseen))
    check("/decide", "post", rig.decide(b"{}"))
    check("/decide", "post", rig.send("POST", "/decide", b"", {"content-type": "a/b"}))
    for path in ("/healthz", "/readyz", "/v1/policy", "/v1/slices"):
        check(path, "get", rig.send("GET", path))
