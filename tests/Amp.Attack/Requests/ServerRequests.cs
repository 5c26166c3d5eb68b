using System.Globalization;
using System.Text;

namespace Amp.Attack.Requests;

/// <summary>
/// Makes requests that must not be heard: of programs that do not know the token, of pages of a browser that has it from somewhere, and such as are
/// no requests at all.
/// </summary>
internal sealed class ServerRequests(AttackRandom random, int port, string path, string token, string session)
{
    private const string Call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"Echo","arguments":{"text":"stranger"}}}""";

    public StrangerRequest Make() => random.Next(10) switch
    {
        0 or 1 or 2 => new StrangerRequest(Encoding.UTF8.GetBytes(Text(Host(), WrongToken(), [], Body())), IsEndless: false),
        3 => new StrangerRequest(Encoding.UTF8.GetBytes(Text(WrongHost(), RightToken(), [], Body())), IsEndless: false),
        4 => new StrangerRequest(Encoding.UTF8.GetBytes(Text(Host(), RightToken(), [$"Origin: {random.Pick(WrongOrigins())}"], Body())), IsEndless: false),
        5 => new StrangerRequest(Encoding.UTF8.GetBytes(Text(Host(), WrongToken(), LargeHead(), Body())), IsEndless: false),
        6 => new StrangerRequest(Garbage(), IsEndless: false),
        7 => new StrangerRequest(Misframed(), IsEndless: false),
        8 => new StrangerRequest(Encoding.UTF8.GetBytes(Text(Host(), WrongToken(), [], string.Empty, "Content-Length: 1000000")), IsEndless: true),
        _ => new StrangerRequest(Encoding.UTF8.GetBytes(Text(Host(), WrongToken(), [], "1\r\nx\r\n", "Transfer-Encoding: chunked")), IsEndless: random.IsOneIn(2)),
    };

    private string Host() => $"Host: 127.0.0.1:{port}";

    private string RightToken() => $"Authorization: Bearer {token}";

    private string WrongToken() => random.Next(9) switch
    {
        0 => "X-Nothing: 1",
        1 => "Authorization:",
        2 => "Authorization: Bearer",
        3 => $"Authorization: Bearer {new string('0', token.Length)}",
        4 => $"Authorization: Bearer {token[..random.Next(token.Length)]}",
        5 => $"Authorization: Bearer {token}0",
        6 => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(token))}",
        7 => $"Cookie: Authorization=Bearer {token}",
        _ => $"Proxy-Authorization: Bearer {token}",
    };

    private string WrongHost() => random.Pick((string[])
    [
        "Host: evil.example", $"Host: localhost:{port}", "Host: 127.0.0.1", "Host: 127.0.0.1:1", $"Host: 127.0.0.1:{port}.evil.example", $"Host: 127.1:{port}", $"Host: [::1]:{port}", $"Host: 0x7f000001:{port}",
        "X-Host: none", "Host:", $"Host: evil.example@127.0.0.1:{port}", $"X-Forwarded-Host: 127.0.0.1:{port}\r\nHost: evil.example", $"Host: 127.0.0.1:{port}\r\nHost: evil.example",
    ]);

    private string[] WrongOrigins() =>
    [
        "http://evil.example", "null", $"http://127.0.0.1:{port}.evil.example", $"https://127.0.0.1:{port}", $"http://localhost:{port}", $"http://127.0.0.1:{port}/", $"HTTP://127.0.0.1:{port}x", "file://", "*",
    ];

    private string Body() => random.Next(5) switch
    {
        0 => string.Empty,
        1 => "{",
        2 => $"[{Call},{Call}]",
        _ => Call,
    };

    private string[] LargeHead() => random.Next(3) switch
    {
        0 => [$"X-Large: {new string('x', random.Next(1_000, 2_000_000))}"],
        1 => [.. Enumerable.Range(0, random.Next(100, 5_000)).Select(number => $"X-{number}: {number}")],
        _ => ["X-Folded: a\r\n b\r\n\tc", "X-Nul: \0", "X-\u00FC: \u00FC"],
    };

    private string Text(string host, string authorization, string[] more, string body, string? framing = null)
    {
        string target = random.Next(8) switch { 0 => $"{path}?access_token={token}", 1 => $"http://127.0.0.1:{port}{path}", 2 => $"{path}/", 3 => "/mcp", 4 => $"/{path}", 5 => path.Replace("/mcp", "/%6dcp", StringComparison.Ordinal), _ => path };
        string method = random.Next(8) switch { 0 => "GET", 1 => "OPTIONS", 2 => "DELETE", 3 => "PUT", _ => "POST" };
        string[] lines =
        [
            $"{method} {target} HTTP/1.{(random.IsOneIn(10) ? 0 : 1)}", host, authorization, "Content-Type: application/json", "Accept: application/json, text/event-stream", $"Mcp-Session-Id: {session}",
            .. more, framing ?? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}"), "Connection: close", string.Empty, body,
        ];
        return string.Join("\r\n", lines);
    }

    // A request behind one that says to be longer or shorter than it is.
    private byte[] Misframed() => Encoding.UTF8.GetBytes(random.Next(7) switch
    {
        0 => TextOf(string.Empty, "Content-Length: -1"),
        1 => TextOf(Call, "Content-Length: 99999999999999999999"),
        2 => TextOf(Call, "Content-Length: 5\r\nContent-Length: 500"),
        3 => TextOf("0\r\n\r\n" + TextOf(Call, $"Content-Length: {Call.Length}"), "Transfer-Encoding: chunked\r\nContent-Length: 4"),
        4 => TextOf("ffffffffffffffff\r\n" + Call, "Transfer-Encoding: chunked"),
        5 => TextOf("-1\r\n" + Call, "Transfer-Encoding: chunked, identity"),
        _ => TextOf(TextOf(Call, $"Content-Length: {Call.Length}"), "Content-Length: 0"),
    });

    private string TextOf(string body, string framing) => Text(Host(), WrongToken(), [], body, framing);

    private byte[] Garbage()
    {
        switch (random.Next(5))
        {
            case 0:
                byte[] bytes = new byte[random.Next(1, 5000)];
                random.Fill(bytes);
                return bytes;
            case 1:
                return [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];
            case 2:
                return Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
            case 3:
                return Encoding.ASCII.GetBytes($"POST {path}\n\n" + Call);
            default:
                byte[] text = Encoding.UTF8.GetBytes(Text(Host(), WrongToken(), [], Body()));
                for (int i = random.Next(1, 6); i > 0; i--)
                {
                    text[random.Next(text.Length)] = (byte)random.Next(256);
                }

                return text;
        }
    }
}
