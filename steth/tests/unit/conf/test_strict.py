# SPDX-License-Identifier: Apache-2.0

import pathlib
import tempfile
import unittest

from oslo_config import cfg

from steth.conf import strict


class StrictTestCase(unittest.TestCase):
    def check(
        self,
        text: str,
        *,
        libraries: strict.Options = (),
        complete: bool = True,
    ) -> list[str]:
        with tempfile.TemporaryDirectory() as where:
            file = pathlib.Path(where) / "steth.conf"
            file.write_text(text)
            return strict.unknown_options(
                {"a.conf": strict.parse(str(file))},
                libraries,
                complete=complete,
            )

    def test_all_of_our_sections_are_known(self) -> None:
        self.assertEqual(
            [],
            self.check(
                "[DEFAULT]\nhost = h\nconfig_dir = d\n"
                "[agent]\nmax_operations = 3\n[direct]\nport = 3\n"
                "[direct_client]\ntls = yes\n[controller]\ntimeout = 3\n"
                "[inventory]\nnetworks = a, B\n"
                "[network:a]\ncidr = 192.0.2.0/24\n[network:B]\nmtu = 1500\n"
            ),
        )

    def test_section_names_in_any_case(self) -> None:
        self.assertEqual([], self.check("[Agent]\nmax_operations = 3\n"))
        self.assertEqual(
            [], self.check("[inventory]\nnetworks=X\n[NETWORK:x]\nmtu=1500\n")
        )

    def test_slips(self) -> None:
        for text, expected in (
            (
                "[agent]\nmax_operation = 3\n",
                "there is no option 'max_operation' in section [agent]; "
                "did you mean 'max_operations'?",
            ),
            (
                "[agnet]\nmax_operations = 3\n",
                "there is no section [agnet]; did you mean 'agent'?",
            ),
            (
                "[agent]\nhtpasswd_file = x\n",
                "there is no option 'htpasswd_file' in section [agent]; it "
                "belongs into [direct]",
            ),
            (
                "[direct]\nzzz = x\n",
                "there is no option 'zzz' in section [direct]",
            ),
            ("[nova]\nx = 1\n", "there is no section [nova]"),
            (
                "[DEFAULT]\nhsot = 1\n",
                "there is no option 'hsot' in section [DEFAULT]; "
                "did you mean 'host'?",
            ),
            (
                "[inventory]\nnetworks = a\n[network:b]\nmtu = 1500\n",
                "section [network:b] describes a network that [inventory] "
                "networks does not name: add b there, or remove the section",
            ),
            (
                "[inventory]\nnetworks = a\n[network:a]\ncird = x\n",
                "there is no option 'cird' in section [network:a]; "
                "did you mean 'cidr'?",
            ),
        ):
            with self.subTest(text=text):
                self.assertEqual([f"a.conf: {expected}"], self.check(text))

    def test_section_with_nothing_in_it(self) -> None:
        self.assertEqual([], self.check("[nova]\n[network:mgmt]\n"))

    def test_sections_of_libraries(self) -> None:
        for section in ("oslo_reports", "privsep", "profiler", "ssl"):
            with self.subTest(section=section):
                self.assertEqual([], self.check(f"[{section}]\nx = 1\n"))
        listed = [("oslo_messaging_rabbit", [cfg.StrOpt("ssl_version")])]
        self.assertIn(
            "did you mean 'ssl_version'",
            self.check(
                "[oslo_messaging_rabbit]\nssl_verison = 1\n", libraries=listed
            )[0],
        )
        self.assertIn(
            "did you mean 'oslo_messaging_rabbit'",
            self.check(
                "[oslo_messaging_rabit]\nssl_version = 1\n", libraries=listed
            )[0],
        )

    def test_libraries_not_all_known(self) -> None:
        """What a library may own is passed over, but not near misses."""
        libraries = [(None, [cfg.StrOpt("transport_url")])]
        self.assertEqual(
            [],
            self.check(
                "[DEFAULT]\ngraceful_shutdown_timeout = 3\n",
                libraries=libraries,
                complete=False,
            ),
        )
        self.assertEqual(
            1,
            len(
                self.check(
                    "[DEFAULT]\ntransport_ulr = x\n",
                    libraries=libraries,
                    complete=False,
                )
            ),
        )

    def test_deprecated_names(self) -> None:
        old = cfg.DeprecatedOpt("old", group="older")
        option = cfg.StrOpt("new", deprecated_opts=[old])
        libraries = [("lib", [option])]
        self.assertEqual(
            [], self.check("[older]\nold = 1\n", libraries=libraries)
        )
        self.assertEqual(
            1, len(self.check("[older]\nnew = 1\n", libraries=libraries))
        )

    def test_config_source(self) -> None:
        self.assertEqual(
            [],
            self.check(
                "[DEFAULT]\nconfig_source = far\n[far]\ndriver = remote_file\n"
            ),
        )
