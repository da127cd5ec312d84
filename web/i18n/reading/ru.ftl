# Кто читал карту.

readers-title = Кто читал эту карту
readers-text = Каждое открытие карты – отдельная запись. Её видят сам человек и омбудсмен.
readers-none = Никто не открывал.
readers-what = Что было показано
readers-purpose = Цель
readers-more = Кроме того
readers-glass = Стекло разбито
readers-exported = Вынесено наружу
purpose-title = Для чего вы читаете карты
purpose-label = Цель
purpose-tied = По моей связи с каждой картой
