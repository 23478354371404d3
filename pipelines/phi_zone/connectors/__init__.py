"""Connectors: from a site file to the sources behind it, each with the same four calls (`base.Connector`)."""
from __future__ import annotations

import zoneinfo
from collections.abc import Mapping

from eval_harness.base import WrongUsage
from pipelines.phi_zone.connectors.base import (
    Connector,
    Delivery,
    Gone,
    Group,
    SourceRefused,
    SourceReport,
    SourceStrange,
    SourceUnavailable,
    TransferCut,
    Unit,
)
from pipelines.phi_zone.connectors.wire import Guest, Patience, Wire
from schemas.messages import messages
from schemas.shapes.site import Auth, Site, Tls

__all__ = ["Connector", "Delivery", "Gone", "Group", "Patience", "SourceRefused", "SourceReport", "SourceStrange", "SourceUnavailable",
           "TransferCut", "Unit", "open_connectors"]


def open_connectors(site: Site, secrets: Mapping[str, str], patience: Patience | None = None) -> list[Connector]:
    """One connector per source of the site, FHIR first. `secrets` is the environment the site's variable names are looked up in.

    Raises WrongUsage CON-008 (secret missing), CON-009 (private key), CON-014 (DIMSE).
    """
    from pipelines.phi_zone.connectors.auth import credentials
    from pipelines.phi_zone.connectors.dicomweb import DicomWebConnector
    from pipelines.phi_zone.connectors.fhir_bulk import BulkConnector
    from pipelines.phi_zone.connectors.fhir_search import SearchConnector
    from pipelines.phi_zone.connectors.folder import FolderConnector

    patience = patience or Patience()
    guest = Guest(site.limits, patience.sleep)

    def wire(source: str, url: str, auth: Auth, tls: Tls | None) -> Wire:
        where = f"{site.site_id}, {source}"
        return Wire(where, url, credentials(where, auth, secrets), tls, guest, patience)

    found: list[Connector] = []
    if site.fhir and site.fhir.bulk:
        found.append(BulkConnector(wire("fhir-bulk", site.fhir.bulk.url, site.fhir.auth, site.fhir.tls), site.fhir.bulk))
    if site.fhir and site.fhir.search:
        found.append(SearchConnector(wire("fhir-search", site.fhir.search.url, site.fhir.auth, site.fhir.tls), site.fhir.search))
    for imaging in site.imaging:
        if imaging.dicomweb is None:
            raise WrongUsage(messages().issue("CON-014", f"{site.site_id}, imaging {imaging.name}"))
        connection = wire(f"dicomweb:{imaging.name}", imaging.dicomweb.url, imaging.dicomweb.auth, imaging.dicomweb.tls)
        found.append(DicomWebConnector(connection, imaging.name, site.select, site.schedule, zoneinfo.ZoneInfo(site.timezone)))
    if site.folder:
        found.append(FolderConnector(f"{site.site_id}, folder", site.folder, site.select, guest))
    return found
