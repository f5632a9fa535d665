from tests.mailbox import mailbox  # noqa: F401 - a fixture
from tests.telephone import telephone  # noqa: F401 - a fixture
