# One stage: Node 24 runs the TypeScript as it stands.
FROM node:24-slim
ENV NODE_ENV=production DRIPLINE_DATA=/data DRIPLINE_PROGRAM=dripline \
    DRIPLINE_WEB_HOST=0.0.0.0 DRIPLINE_WEB_URL=http://127.0.0.1:4330 \
    DRIPLINE_PUBLIC_HOST=0.0.0.0
# The C library gives memory back instead of keeping some for each thread.
ENV MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536
WORKDIR /app

# For `transcode: true`: docker build --build-arg FFMPEG=yes
ARG FFMPEG=no
RUN if [ "$FFMPEG" = yes ]; then apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*; fi

# The packages first: they change less often than the code. The packages `node-*` are Node for machines with an older one.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund --ignore-scripts --cache /tmp/npm-cache \
 && rm -rf /tmp/npm-cache node_modules/node-linux-* node_modules/.bin/node
COPY bin ./bin
COPY src ./src
COPY config/dripline.schema.json ./config/
# The samples; folders of your own are mounted over these two.
COPY posts ./posts
COPY media ./media
RUN ln -s /app/bin/dripline.js /usr/local/bin/dripline
COPY README.md LICENSE CHANGELOG.md ./

# Nothing is written but here, so that the root may be read-only.
RUN mkdir -p /data && chown node:node /data
VOLUME /data
EXPOSE 4330 4335
USER node

# In Node, since the image has no curl, and from inside, where the page is served.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "bin/healthcheck.js"]
STOPSIGNAL SIGTERM
# The flags keep what was read once from staying in memory.
CMD ["node", "--max-semi-space-size=2", "--heap-growing-percent=30", "bin/dripline.js", "serve"]
