from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    name = "apps.callbacks"

    def ready(self) -> None:
        from apps.callbacks import services
        from apps.events import readers

        readers.register("callbacks", services.read, follows="calls")
