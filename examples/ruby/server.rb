# A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
# region; the rest is the site itself, with a log-in that is a toy.

# docs:begin
require "jwt" # gem install jwt

SECRET = ENV.fetch("ELOQUENT_SECRET")

def eloquent_token(user)
  claims = {
    user_id: user["id"].to_s, # a string, also where your ids are numbers
    email: user["email"],
    name: user["name"],
    plan: user["plan"],
    exp: Time.now.to_i + 3600
  }
  JWT.encode(claims, SECRET, "HS256")
end
# docs:end

# From here on, the site itself.
require "json"
require "securerandom"
require "webrick" # gem install webrick

abort "ELOQUENT_SECRET is not set" if SECRET.empty?
sessions = {}

server = WEBrick::HTTPServer.new(
  BindAddress: "127.0.0.1", Port: ENV.fetch("PORT", 3000).to_i,
  AccessLog: [], Logger: WEBrick::Log.new(File::NULL)
)

# Toy: whoever asks is logged in as whoever they say they are.
server.mount_proc "/api/login" do |request, response|
  session = SecureRandom.hex(16)
  sessions[session] = URI.decode_www_form(request.body).to_h
  response["set-cookie"] = "session=#{session}; HttpOnly; SameSite=Lax; Path=/"
  response.status = 204
end

server.mount_proc "/api/eloquent-token" do |request, response|
  raise WEBrick::HTTPStatus::MethodNotAllowed unless request.request_method == "POST"

  user = sessions[request.cookies.find { |cookie| cookie.name == "session" }&.value]
  response.status = user ? 200 : 401
  response.content_type = "application/json"
  response["cache-control"] = "no-store"
  response.body = JSON.generate(user ? { token: eloquent_token(user) } : { error: "not_logged_in" })
end

$stdout.sync = true
puts "listening on http://127.0.0.1:#{server.listeners.first.addr[1]}"
server.start
