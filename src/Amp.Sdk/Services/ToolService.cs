using Amp.Processes;
using Amp.ToolServer;
using Amp.Tools;

namespace Amp.Services;

/// <summary>
/// The tools of a call, offered by an MCP server during its run. The built-in rules of all CLIs of 2026 allow MCP tools, so the service
/// adds no rule, and existing rejects apply.
/// </summary>
internal sealed class ToolService : IRunService
{
    // On another machine: the CLI's words go here, and the answers back. The output ends with the answers, also if the CLI has more to say.
    private const string Pass = "cat <&4 3>&- &\nexec cat >&3 4<&-";

    // For a tool that minds its token, to stop before the agent is told.
    private static readonly TimeSpan s_stopGrace = TimeSpan.FromSeconds(1);

    private readonly string _server;
    private readonly IReadOnlyList<AmpTool> _tools;
    private readonly IReadOnlyList<string> _names;
    private readonly TimeSpan? _timeout;

    /// <exception cref="AmpValidationException">A name cannot be used.</exception>
    public ToolService(AmpOptions options)
        : this(options.ToolServerName, options.Tools!, options.ToolTimeout)
    {
    }

    /// <param name="server">The name of the server.</param>
    /// <param name="tools">The tools.</param>
    /// <param name="timeout">The time limit for a call; null for no limit.</param>
    /// <exception cref="AmpValidationException">A name cannot be used.</exception>
    public ToolService(string server, IReadOnlyList<AmpTool> tools, TimeSpan? timeout)
    {
        _server = server;
        _tools = tools;
        _timeout = timeout;
        _names = ToolName.Served(_server, _tools);
    }

    /// <inheritdoc/>
    public RunContribution Planned => Contribution(AtLoopback("http://127.0.0.1/", "the token of the run"));

    /// <inheritdoc/>
    public ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken)
    {
        RunWork work = new();
        string version = typeof(ToolService).Assembly.GetName().Version!.ToString(3);
        IReadOnlyList<ServedTool> tools = [.. Served(work, name => name)];
        if (folder.Relay is RunRelay relay)
        {
            StreamServer far = new(_server, version, tools);
            string program = relay.Add($"tools-{_server}", connect => $"{connect}\n{Pass}", stream => far.ServeAsync(stream, stream));
            return ValueTask.FromResult(new OpenRunService(Contribution(new McpStdioServer(_server, "/bin/sh", [program])), far) { Work = work });
        }

        try
        {
            LoopbackServer server = LoopbackServer.Start(_server, version, tools);
            return ValueTask.FromResult(new OpenRunService(Contribution(AtLoopback(server.Url, server.Token)), server) { Work = work });
        }
        catch (IOException exception)
        {
            throw new AmpProcessException(
                exception.Message, AmpErrorId.CliFailed, "Allow this program to listen on ports of 127.0.0.1, or omit tools.", exception);
        }
    }

    /// <inheritdoc/>
    public OpenRunService OpenInProcess()
    {
        RunWork work = new();
        return new OpenRunService(RunContribution.Nothing, ClosedService.Shared) { Work = work, Tools = [.. Served(work, name => ToolName.Offered(_server, name))] };
    }

    private IEnumerable<ServedTool> Served(RunWork work, Func<string, string> nameOf) => _tools.Select((tool, i) => new ServedTool(
        nameOf(_names[i]), tool.Description, tool.InputSchema, tool.IsReadOnly, (arguments, token) => CallAsync(tool, work, arguments, token)));

    private McpHttpServer AtLoopback(string url, string token) => new(_server, url, [new("Authorization", new SecretText($"Bearer {token}"))]);

    private RunContribution Contribution(McpServer server) => new()
    {
        McpServers = [server],
        LongestCall = _timeout ?? TimeSpan.Zero,
        EnabledTools = [$"mcp__{ToolName.Mangle(_server)}__*"],
    };

    private async Task<ServedAnswer> CallAsync(AmpTool tool, RunWork work, string arguments, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_timeout is TimeSpan timeout && timeout > TimeSpan.Zero)
        {
            late.CancelAfter(timeout);
        }

        Task<ToolResult> call = Task.Run(() => tool.Handler(arguments, late.Token), CancellationToken.None);
        if (!await IsAwaitedAsync(call, work, late.Token, cancellationToken).ConfigureAwait(false))
        {
            return new ServedAnswer(
                $"The tool did not end within {_timeout!.Value.TotalSeconds:0.#} s. It was told to stop, but it may still be at work.", true);
        }

        try
        {
            // The server that is being closed waits a moment for a canceled call.
            ToolResult result = await call.ConfigureAwait(false)
                ?? throw new InvalidOperationException("The tool returned nothing.");
            return new ServedAnswer(result.Text, result.IsError);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new ServedAnswer("The call was canceled.", true);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return new ServedAnswer($"The tool did not end within {_timeout!.Value.TotalSeconds:0.#} s and was stopped.", true);
        }
        catch (Exception exception)
        {
            // Any exception of a handler is the result of the tool, and the run continues.
            return new ServedAnswer(exception.Message, true);
        }
    }

    // False if the tool ignores that its time is over. The CLI must not wait for it, and the time limits of the run must count again.
    private static async Task<bool> IsAwaitedAsync(Task<ToolResult> call, RunWork work, CancellationToken late, CancellationToken canceled)
    {
        work.Begin();
        try
        {
            await ((Task)call).WaitAsync(late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!call.IsCompleted && !canceled.IsCancellationRequested)
            {
                await Task.WhenAny(call, Task.Delay(s_stopGrace, canceled)).ConfigureAwait(false);
            }
        }
        finally
        {
            work.End();
        }

        if (call.IsCompleted || canceled.IsCancellationRequested)
        {
            return true;
        }

        _ = call.ContinueWith(
            static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return false;
    }
}
