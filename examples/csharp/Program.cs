// A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
// region; the rest is the site itself, with a log-in that is a toy.
//
// Unlike its neighbours this one is not run by the tests: they cannot install .NET. What it must make
// of which customer is in tests/vectors/signing.json.

using System.Collections.Concurrent;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var secret = Environment.GetEnvironmentVariable("ELOQUENT_SECRET");
if (string.IsNullOrEmpty(secret)) throw new InvalidOperationException("ELOQUENT_SECRET is not set");
var port = Environment.GetEnvironmentVariable("PORT") ?? "3000";
var sessions = new ConcurrentDictionary<string, Customer>();
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();

// Toy: whoever asks is logged in as whoever they say they are.
app.MapPost("/api/login", async (HttpContext context) =>
{
    var form = await context.Request.ReadFormAsync();
    var session = Guid.NewGuid().ToString("N");
    sessions[session] = new Customer($"{form["id"]}", $"{form["email"]}", $"{form["name"]}", $"{form["plan"]}");
    context.Response.Cookies.Append(
        "session", session, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax });
    return Results.NoContent();
});

app.MapPost("/api/eloquent-token", (HttpContext context) =>
{
    context.Response.Headers.CacheControl = "no-store";
    return sessions.TryGetValue(context.Request.Cookies["session"] ?? "", out var user)
        ? Results.Json(new { token = EloquentTokens.Sign(user, secret) })
        : Results.Json(new { error = "not_logged_in" }, statusCode: 401);
});

app.Urls.Add($"http://127.0.0.1:{port}");
await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();

/// <summary>A customer of the site.</summary>
record Customer(string Id, string Email, string Name, string Plan);

// docs:begin
// using Microsoft.IdentityModel.JsonWebTokens; using Microsoft.IdentityModel.Tokens;

static class EloquentTokens
{
    public static string Sign(Customer user, string secret)
    {
        var key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Claims = new Dictionary<string, object>
            {
                ["user_id"] = user.Id, // a string, also where your ids are numbers
                ["email"] = user.Email,
                ["name"] = user.Name,
                ["plan"] = user.Plan,
            },
            Expires = DateTime.UtcNow.AddHours(1),
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
        });
    }
}
// docs:end
