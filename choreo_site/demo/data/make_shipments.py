"""Writes shipments.csv, always the same: `python choreo_site/demo/data/make_shipments.py`."""

import csv
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

COUNT = 3_000
HEADER = ["shipment", "shipped_on", "sender", "city", "country", "weight_kg", "price", "currency"]
SENDERS = [
    "Alster Tea",
    "Nordlicht Lamps",
    "Kiln & Wheel",
    "Pianohaus Brandt",
    "Oderbruch Honey",
    "Müller, Söhne",
]
CITIES = {
    "DE": ["Berlin", "Köln", "Görlitz"],
    "AT": ["Wien", "Graz"],
    "CH": ["Zürich", "Chur"],
    "FR": ["Lyon", "Saint-Étienne"],
    "NL": ["Utrecht"],
    "PL": ["Łódź", "Gdańsk"],
}
CURRENCIES = {"CH": "CHF", "PL": "EUR"}
MISTAKES: list[Callable[[list[str]], list[str]]] = [
    lambda row: ["", *row[1:]],
    lambda row: ["SH-100001", *row[1:]],
    lambda row: [row[0], "2026-02-30", *row[2:]],
    lambda row: [row[0], "soon", *row[2:]],
    lambda row: [*row[:4], "XX", *row[5:]],
    lambda row: [*row[:5], "-3", *row[6:]],
    lambda row: [*row[:5], "heavy", *row[6:]],
    lambda row: [*row[:6], "", row[7]],
    lambda row: [*row[:7], "DOGE"],
    lambda row: row[:5],
    lambda row: [*row, "left over"],
]


def good_row(number: int, luck: random.Random) -> list[str]:
    country = luck.choice(list(CITIES))
    day = date(2026, 1, 1) + timedelta(days=luck.randrange(180))
    weight = f"{luck.randrange(50, 40_000) / 1000:.3f}".rstrip("0").rstrip(".")
    return [
        f"SH-{100_000 + number}",
        day.strftime("%d.%m.%Y") if luck.random() < 0.2 else day.isoformat(),
        luck.choice(SENDERS),
        f" {luck.choice(CITIES[country])}" if luck.random() < 0.1 else luck.choice(CITIES[country]),
        country.lower() if luck.random() < 0.1 else country,
        weight.replace(".", ",") if luck.random() < 0.2 else weight,
        f"{luck.randrange(390, 25_000) / 100:.2f}",
        CURRENCIES.get(country) or luck.choice(["EUR", "EUR", "EUR", "USD", "GBP"]),
    ]


def rows() -> list[list[str]]:
    luck = random.Random("shipments")
    made = []
    for number in range(1, COUNT + 1):
        row = good_row(number, luck)
        made.append(luck.choice(MISTAKES)(row) if number > 1 and luck.random() < 0.04 else row)
    return made


def write(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows())


if __name__ == "__main__":
    write(Path(__file__).with_name("shipments.csv"))
