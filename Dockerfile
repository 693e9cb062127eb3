# The product in one image: web, worker and beat are the same image with another command (docker-compose.yml).
FROM node:22-bookworm-slim AS assets
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt ./
RUN python3 -m venv .venv && .venv/bin/pip install --quiet --require-hashes -r requirements.txt
COPY . .
RUN SECRET_KEY=build IDENTITY_SECRET=build ENCRYPTION_KEYS=k1:00 \
    .venv/bin/python manage.py assets && .venv/bin/python manage.py messages --compile

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 huiliu
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --quiet --require-hashes -r requirements.txt
COPY . .
COPY --from=assets /app/static/vendor static/vendor
COPY --from=assets /app/locale locale
ENV PYTHONUNBUFFERED=1 HUILIU_VAR=/data
RUN SECRET_KEY=build IDENTITY_SECRET=build ENCRYPTION_KEYS=k1:00 python manage.py collectstatic --noinput -v 0 \
    && chown -R huiliu /data
USER huiliu
EXPOSE 8000
CMD ["granian", "--interface", "asginl", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "8", "--no-access-log", \
     "cdp.serve.server:application"]
