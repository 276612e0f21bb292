"""Print the oldest versions that setup.cfg allows, as constraints for pip."""

import configparser
import re

setup = configparser.ConfigParser()
setup.read("setup.cfg")
requirements = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
for name, version in sorted(set(re.findall(r"^([\w-]+)>=([\w.]+)$", "\n".join(requirements), flags=re.M))):
    print(f"{name}=={version}")
