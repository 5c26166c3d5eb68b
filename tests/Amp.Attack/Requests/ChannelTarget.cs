using System.Text;
using Amp.Services;

namespace Amp.Attack.Requests;

/// <summary>The channel on which the program of a run asks for approval.</summary>
internal sealed class ChannelTarget : IAttackTarget, IAsyncDisposable
{
    private const string OwnTool = "Bash";

    private readonly ApprovalChannel _channel;

    public ChannelTarget()
    {
        _channel = new ApprovalChannel(
            new ApprovalCallback(
                (request, _) =>
                {
                    Heard ??= request.ToolName == OwnTool ? null : request.ToolName;
                    return Task.FromResult(request.InputJson == "{}" ? ApprovalDecision.Allow : ApprovalDecision.Reject());
                },
                null),
            "/the/project",
            tool => tool);
        _channel.Open();
    }

    public int Port => _channel.Port;

    public SilentStrangers Strangers { get; } = new();

    public int Answered { get; private set; }

    public string? Heard { get; private set; }

    public StrangerRequest Attack(AttackRandom random)
    {
        string token = _channel.Keys.Question;
        string wrong = random.Next(8) switch
        {
            0 => string.Empty,
            1 => new string('0', token.Length),
            2 => token[..random.Next(token.Length)],
            3 => token + "0",
            4 => token.ToLowerInvariant() is string lower && lower != token ? lower : "x",
            5 => _channel.Keys.Consent,
            6 => " " + token,
            _ => "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\n\r\n",
        };
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(((string[])[wrong, "Stranger", "toolu_1", "T-1", "{}"]).Select(field => field + '\0')));
        switch (random.Next(6))
        {
            case 0:
                return new StrangerRequest(Encoding.UTF8.GetBytes(wrong.Replace("\0", string.Empty, StringComparison.Ordinal)[..Math.Min(wrong.Length, token.Length / 2)]), IsEndless: true);
            case 1:
                random.Fill(text);
                return new StrangerRequest(text, IsEndless: false);
            case 2:
                return new StrangerRequest(new byte[random.Next(1, 100_000)], IsEndless: false);
            case 3:
                byte[] lengthy = new byte[random.Next(1, 4) * 1_000_000];
                Array.Fill(lengthy, (byte)'x');
                return new StrangerRequest(lengthy, IsEndless: false);
            default:
                return new StrangerRequest(text, IsEndless: false);
        }
    }

    public bool Grants(string answer) => answer.Contains(_channel.Keys.Consent, StringComparison.Ordinal);

    public async Task AskAsync(int number)
    {
        bool isAllowed = number % 3 > 0;
        string question = string.Concat(((string[])[_channel.Keys.Question, OwnTool, $"toolu_{number}", "T-1", isAllowed ? "{}" : """{"cmd":"no"}"""]).Select(field => field + '\0'));
        string answer = await AskOpenAsync(question);
        if (answer != (isAllowed ? _channel.Keys.Consent + "\n" : "no\n" + ApprovalChannel.RejectedWords + "the caller does not allow this call."))
        {
            throw new InvalidDataException($"The program of the run got this answer: '{answer}'");
        }

        Answered++;
    }

    public async ValueTask DisposeAsync()
    {
        Strangers.Dispose();
        await _channel.DisposeAsync();
    }

    // The program keeps its end open until it has its answer.
    private async Task<string> AskOpenAsync(string question)
    {
        using System.Net.Sockets.TcpClient client = new();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(question));
        using StreamReader reader = new(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
