// A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
// region; the rest is the site itself, with a log-in that is a toy. To run it:
//
//     ELOQUENT_SECRET=elq_… java Server.java
//
// It takes nothing but a JDK, 11 or later. With com.auth0:java-jwt the function is one expression:
// JWT.create().withClaim("user_id", …)….withExpiresAt(…).sign(Algorithm.HMAC256(secret)).

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Server {
  // docs:begin
  static String eloquentToken(Map<String, String> user, String secret) throws GeneralSecurityException {
    String claims = "{\"user_id\":" + json(user.get("id")) // a string, also where your ids are numbers
        + ",\"email\":" + json(user.get("email"))
        + ",\"name\":" + json(user.get("name"))
        + ",\"plan\":" + json(user.get("plan"))
        + ",\"exp\":" + (Instant.now().getEpochSecond() + 3600) + "}";
    String input = base64url(utf8("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")) + "." + base64url(utf8(claims));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(utf8(secret), "HmacSHA256"));
    return input + "." + base64url(mac.doFinal(utf8(input)));
  }

  static String json(String text) { // or your JSON library's
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      boolean plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
      json.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    return json.append('"').toString();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
  // docs:end

  // From here on, the site itself.
  static final Map<String, Map<String, String>> sessions = new ConcurrentHashMap<>();
  static final Pattern SESSION = Pattern.compile("(?:^|;\\s*)session=([^;]*)");

  public static void main(String[] arguments) throws IOException {
    String secret = System.getenv("ELOQUENT_SECRET");
    if (secret == null || secret.isEmpty()) {
      System.err.println("ELOQUENT_SECRET is not set");
      System.exit(2);
    }
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.createContext("/api/login", Server::logIn);
    server.createContext("/api/eloquent-token", exchange -> token(exchange, secret));
    server.start();
    System.out.println("listening on http://127.0.0.1:" + server.getAddress().getPort());
  }

  // Toy: whoever asks is logged in as whoever they say they are.
  static void logIn(HttpExchange exchange) throws IOException {
    Map<String, String> user = new HashMap<>();
    for (String field : new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split("&")) {
      String[] parts = field.split("=", 2);
      user.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    String session = UUID.randomUUID().toString();
    sessions.put(session, user);
    exchange.getResponseHeaders().set("set-cookie", "session=" + session + "; HttpOnly; SameSite=Lax; Path=/");
    exchange.sendResponseHeaders(204, -1);
  }

  static void token(HttpExchange exchange, String secret) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.sendResponseHeaders(405, -1);
      return;
    }
    String cookie = exchange.getRequestHeaders().getFirst("cookie");
    var session = SESSION.matcher(cookie == null ? "" : cookie);
    Map<String, String> user = session.find() ? sessions.get(session.group(1)) : null;
    if (user == null) {
      answer(exchange, 401, "{\"error\":\"not_logged_in\"}");
      return;
    }
    try {
      answer(exchange, 200, "{\"token\":" + json(eloquentToken(user, secret)) + "}");
    } catch (GeneralSecurityException error) {
      answer(exchange, 500, "{\"error\":\"not_signed\"}");
    }
  }

  static void answer(HttpExchange exchange, int status, String json) throws IOException {
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.getResponseHeaders().set("cache-control", "no-store");
    exchange.sendResponseHeaders(status, utf8(json).length);
    try (var body = exchange.getResponseBody()) {
      body.write(utf8(json));
    }
  }
}
