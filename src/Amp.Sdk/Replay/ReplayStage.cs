using System.Text;
using Amp.Plans;
using Amp.Processes;
using Amp.Services;
using Amp.ToolServer;

namespace Amp.Replay;

/// <summary>What an answer has of the run that it answers: its messages, its streams, the caller's tools and decisions.</summary>
internal sealed class ReplayStage
{
    private readonly BytePipe _input;
    private readonly BytePipe _output;
    private readonly BytePipe _error;
    private readonly LineFramer _lines;
    private readonly Func<bool> _isStopping;

    public ReplayStage(
        AgentContext context, BytePipe input, BytePipe output, BytePipe error, Func<bool> isStopping, CancellationToken cancellationToken)
    {
        _isStopping = isStopping;
        Context = context;
        CancellationToken = cancellationToken;
        _input = input;
        _output = output;
        _error = error;
        _lines = new LineFramer(ByteSource.Of(input), int.MaxValue);
    }

    /// <summary>The run.</summary>
    public AgentContext Context { get; }

    /// <summary>The thread, as soon as a message contains it.</summary>
    public string? ThreadId { get; private set; }

    /// <summary>Canceled when the run is stopped.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Reads the next message to the agent; null if there is none anymore.</summary>
    public async Task<string?> ReadMessageAsync()
    {
        if (!Context.Plan.Input.IsJson)
        {
            while (await _lines.ReadAsync(_input, CancellationToken).ConfigureAwait(false))
            {
            }

            return _lines.Pending.IsEmpty ? null : Encoding.UTF8.GetString(_lines.TakeRest());
        }

        string? line;
        while ((line = TakeLine()) is null)
        {
            if (!await _lines.ReadAsync(_input, CancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }

        // What the library adds for itself is not what the caller said.
        string text = MessageReader.Parse(line).Text;
        string instruction = $"\n\n{OutputService.Instruction}";
        return Context.Plan.Options.OutputSchema is not null && text.EndsWith(instruction, StringComparison.Ordinal) ? text[..^instruction.Length] : text;
    }

    /// <summary>Writes a message as the CLI's line.</summary>
    public Task WriteAsync(StreamMessage message)
    {
        ThreadId ??= message.SessionId;
        return WriteLineAsync(message.Line.ToArray(), CancellationToken);
    }

    /// <summary>Writes text that is not a message.</summary>
    public Task WriteAsync(string text) => WriteLineAsync(Encoding.UTF8.GetBytes(text), CancellationToken);

    /// <summary>Writes a last message, whether anybody reads it or not.</summary>
    public async Task TryWriteAsync(StreamMessage message)
    {
        try
        {
            await WriteLineAsync(message.Line.ToArray(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The run was killed.
        }
    }

    /// <summary>Writes to standard error.</summary>
    public async Task WriteErrorAsync(string text)
    {
        if (text.Length > 0)
        {
            await _error.WriteAsync(Encoding.UTF8.GetBytes(text + "\n"), CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finds a tool of the caller, by the name that the model sees or by its own; null if the caller has no such tool.</summary>
    public ServedTool? FindTool(string? name) =>
        Context.Tools.FirstOrDefault(tool => tool.Name == name)
        ?? Context.Tools.FirstOrDefault(tool => tool.Name == Tools.ToolName.Offered(Context.Plan.Options.ToolServerName, name ?? string.Empty));

    /// <summary>Asks the caller about a call; null if nobody is asked.</summary>
    public Task<ApprovalDecision>? Ask(ToolUseContent call) => Context.Ask?.Invoke(
        new ApprovalRequest(call.Name ?? string.Empty, call.Id ?? string.Empty, ThreadId ?? string.Empty, call.InputJson, Context.Plan.WorkingDirectory)
        {
            HostName = Context.Plan.Transport.HostName,
        },
        CancellationToken);

    private string? TakeLine() => _lines.TryReadLine(out ReadOnlySpan<byte> line) ? Encoding.UTF8.GetString(line) : null;

    private async Task WriteLineAsync(byte[] line, CancellationToken cancellationToken)
    {
        byte[] whole = [.. line, (byte)'\n'];
        await _output.WriteAsync(whole, cancellationToken).ConfigureAwait(false);
        if (!cancellationToken.CanBeCanceled)
        {
            return;
        }

        // A real agent takes longer than the run needs to read its line. If the run stops at it, such as at a limit, nothing may follow.
        await _output.WaitForReaderAsync(cancellationToken).ConfigureAwait(false);
        if (_isStopping())
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        }
    }
}
