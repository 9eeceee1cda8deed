from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "apps.calls"

    def ready(self) -> None:
        from apps.calls import services
        from apps.events import readers

        readers.register("calls", services.read)
