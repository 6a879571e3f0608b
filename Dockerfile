# The suite and the mock in one image:
#   docker run --rm -e CARECYCLE_API_KEY IMAGE --target https://sandbox.example.com
#   docker run --rm -p 8765:8765 --entrypoint carecycle-mock IMAGE --host 0.0.0.0
FROM python:3.13-slim

WORKDIR /build
COPY constraints.txt LICENSE ./
COPY openapi ./openapi
COPY conformance ./conformance
RUN python -m pip install --no-cache-dir --disable-pip-version-check -c constraints.txt "./conformance[workers,redis]"

WORKDIR /report
RUN chown 65534:65534 /report
USER 65534:65534
ENV HOME=/report PYTHONUNBUFFERED=1
EXPOSE 8765
ENTRYPOINT ["carecycle-conformance"]
