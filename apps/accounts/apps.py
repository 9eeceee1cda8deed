from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import presence_log
        from apps.events import readers

        readers.register("presence", presence_log.read)
