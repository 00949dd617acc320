import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import de.bwaldvogel.mongo.wire.message.MongoQuery;
import io.netty.channel.Channel;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.mvstore.MVStore;

/**
 * A loopback server with MongoDB's protocol, for tests: java LoopbackMongo.java PORT [FILE]. Port 0 is any free one; the connection string is the first
 * line of the output. With a file every answered write is on the disk, without one all is in memory. Ends when its standard input does, so that no
 * server outlives the test run that started it.
 */
public final class LoopbackMongo {
    public static void main(String[] arguments) throws Exception {
        var port = Integer.parseInt(arguments[0]);
        var server = new MongoServer(arguments.length > 1 ? onDisk(arguments[1]) : inMemory());
        server.bind("127.0.0.1", port);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        System.out.println(server.getConnectionString());
        while (System.in.read() >= 0) { }
        System.exit(0);
    }

    private static MongoBackend inMemory() {
        return new Door(new MemoryBackend(), () -> { });
    }

    private static MongoBackend onDisk(String file) {
        var h2 = new H2Backend(new MVStore.Builder().fileName(file).open());
        return new Door(h2, h2::commit);
    }

    /** Version 5.0: old enough for what the library can do, new enough for the current driver. */
    private record Claimed(List<Integer> getVersionArray, int getWireVersion) implements MongoVersion { }

    /** Stands before the library and adds what a current driver asks of a server: the greeting, sessions, a definite no to what is not there. */
    private static final class Door implements MongoBackend {
        private static final Set<String> READS = Set.of("find", "getMore", "aggregate", "count", "distinct", "hello", "ismaster", "isMaster", "ping",
            "listCollections", "listDatabases", "listIndexes", "buildInfo", "buildinfo", "killCursors", "getParameter", "serverStatus");
        private final MongoBackend inner;
        private final Runnable commit;

        Door(MongoBackend inner, Runnable commit) {
            this.inner = inner.version(new Claimed(List.of(5, 0, 0), 13));
            this.commit = commit;
        }

        @Override public Document handleCommand(Channel channel, String database, String command, Document query) {
            return withGreeting(inner.handleCommand(channel, database, command, query));
        }

        @Override public Document handleMessage(MongoMessage message) {
            var request = message.getDocument();
            var command = request.keySet().iterator().next();
            if (request.containsKey("autocommit")) return no(20, "IllegalOperation", "this server has no transactions");
            switch (command) {
                case "endSessions", "killSessions", "refreshSessions": return new Document("ok", 1.0);
                case "hello": greetAs(request, "isMaster"); break;
                default: break;
            }
            var answer = withGreeting(inner.handleMessage(message));
            if (!READS.contains(command)) commit.run();
            return answer;
        }

        /** The library knows the older name of the driver's first question only. */
        private static void greetAs(Document request, String name) {
            var rest = List.copyOf(request.entrySet().stream().skip(1).map(entry -> Map.entry(entry.getKey(), entry.getValue())).toList());
            request.clear();
            request.put(name, 1);
            rest.forEach(entry -> request.put(entry.getKey(), entry.getValue()));
        }

        private static Document withGreeting(Document answer) {
            if (answer != null && answer.containsKey("ismaster")) {
                answer.put("isWritablePrimary", true);
                answer.put("helloOk", true);
                answer.put("logicalSessionTimeoutMinutes", 30);
            }
            return answer;
        }

        private static Document no(int code, String name, String why) {
            var answer = new Document("ok", 0.0);
            answer.put("code", code);
            answer.put("codeName", name);
            answer.put("errmsg", why);
            return answer;
        }

        @Override public QueryResult handleQuery(MongoQuery query) { return inner.handleQuery(query); }
        @Override public void handleClose(Channel channel) { inner.handleClose(channel); }
        @Override public void dropDatabase(String name) { inner.dropDatabase(name); commit.run(); }
        @Override public Collection<Document> getCurrentOperations(MongoQuery query) { return inner.getCurrentOperations(query); }
        @Override public Document getServerStatus() { return inner.getServerStatus(); }
        @Override public void closeCursors(List<Long> cursors) { inner.closeCursors(cursors); }
        @Override public Clock getClock() { return inner.getClock(); }
        @Override public void enableOplog() { inner.enableOplog(); }
        @Override public void disableOplog() { inner.disableOplog(); }
        @Override public MongoDatabase resolveDatabase(String name) { return inner.resolveDatabase(name); }
        @Override public MongoBackend version(MongoVersion version) { inner.version(version); return this; }
        @Override public void close() { inner.close(); }
    }
}
