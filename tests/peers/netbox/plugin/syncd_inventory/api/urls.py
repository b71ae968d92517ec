"""``/api/plugins/inventory/makers/``."""

from dcim.api.views import ManufacturerViewSet  # type: ignore[import-not-found]
from netbox.api.routers import NetBoxRouter  # type: ignore[import-not-found]

router = NetBoxRouter()
router.register("makers", ManufacturerViewSet)
urlpatterns = router.urls
