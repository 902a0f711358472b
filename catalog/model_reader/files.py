"""Opening a config file: JSON or YAML, of a bounded size."""

import json
from pathlib import Path
from typing import Any

from catalog.errors import CatalogError

MAX_BYTES = 10_000_000


def read_settings(path: Path) -> dict[str, Any]:
    """Settings of a config file; CatalogError when it is not a mapping."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CatalogError("is larger than 10 MB: not a config", file=str(path))
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() in (".yaml", ".yml"):
            import yaml

            content = yaml.safe_load(text)
        else:
            content = json.loads(text)
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"is not JSON: {error}", file=str(path)) from error
    except Exception as error:  # yaml's own base class, imported only when needed
        if type(error).__module__.startswith("yaml"):
            raise CatalogError(f"is not YAML: {error}", file=str(path)) from error
        raise
    if not isinstance(content, dict):
        raise CatalogError("is not a mapping of settings", file=str(path))
    return content


def is_side_file(settings: dict[str, Any]) -> bool:
    """Whether settings are an `hf_quant_config.json`, which holds no sizes."""
    return "quantization" in settings and "hidden_size" not in settings


def side_file_settings(path: Path) -> dict[str, Any] | None:
    """Quantisation of the `hf_quant_config.json` next to a config, None without one."""
    side = path.with_name(path.name.replace("config.json", "hf_quant_config.json"))
    if side == path or not side.is_file():
        return None
    quantisation = read_settings(side).get("quantization")
    return quantisation if isinstance(quantisation, dict) else None
