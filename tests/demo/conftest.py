from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from choreo_site.demo import shop_client
from tests.demo.shop_process import ShopProcess


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopProcess]:
    shop = ShopProcess(tmp_path_factory.mktemp("shop") / "shop.sqlite3")
    yield shop
    shop.close()


@pytest.fixture
def own_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connections the steps open in this test, closed after it."""
    clients: dict[tuple[int, str], httpx.Client] = {}
    monkeypatch.setattr(shop_client, "_clients", clients)
    yield
    for client in clients.values():
        client.close()


@pytest.fixture
def shop(open_shop: ShopProcess, own_clients: None, monkeypatch: pytest.MonkeyPatch) -> ShopProcess:
    """The shop, and the steps of this process speak to it."""
    monkeypatch.setenv("CHOREO_SHOP_URL", open_shop.url)
    return open_shop


@pytest.fixture
def order_id(request: pytest.FixtureRequest) -> str:
    """One for each test, for the shop is shared."""
    return f"order-{request.node.name}"[:64]


@pytest.fixture
def data_dir(settings, tmp_path: Path) -> Path:
    settings.CHOREO_DATA_DIR = tmp_path
    return tmp_path
