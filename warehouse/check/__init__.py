"""Whether a warehouse is what it should be: `nightcall tables check`.

```python
import warehouse
from warehouse.check import check

for finding in check(warehouse.open("warehouse")).findings:
    print(finding.where, finding.problem, finding.next_step)
```
"""

from __future__ import annotations

from warehouse.check.checking import Checked, check
from warehouse.check.finding import Finding, Findings, Level

__all__ = ["Checked", "Finding", "Findings", "Level", "check"]
