using System.Collections.Concurrent;
using System.Text.Json;
using Amp.Permissions;
using Amp.Processes;
using Amp.Services;
using Amp.Text;
using Amp.ToolServer;
using Amp.Transports;
using Amp.Verification;

namespace Amp.Plans;

/// <summary>Everything of a run in addition to the CLI: the open services, and the private folder with the files.</summary>
internal sealed class RunSurroundings : IAsyncDisposable
{
    private readonly ConcurrentStack<IAsyncDisposable> _services = new();
    private readonly List<RunWork> _work = [];
    private readonly RunConnection _connection;
    private RunContribution _contribution = RunContribution.Nothing;
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _servers = new(StringComparer.Ordinal);
    private RunFolder? _folder;
    private SecretRedactor? _redactor;

    private RunSurroundings(RunPlan plan, RunConnection connection)
    {
        Plan = plan;
        _connection = connection;
        _work.Add(CallerWait);
    }

    /// <summary>The plan of the run.</summary>
    public RunPlan Plan { get; }

    /// <summary>The toolbox tools that a service offers instead of the CLI.</summary>
    public ToolboxNames Toolbox => _contribution.Toolbox;

    /// <summary>Warnings for the caller before the run.</summary>
    public IEnumerable<string> Warnings => Plan.Warnings.Concat(_contribution.Warnings);

    /// <summary>Removes the secrets of the run from text.</summary>
    public SecretRedactor Redactor => _redactor ??= Plan.Redactor(_contribution);

    /// <summary>The channel on which the caller is asked, once it is open; null if there are no approvals.</summary>
    public ApprovalChannel? Approvals => _services.OfType<ApprovalChannel>().FirstOrDefault();

    /// <summary>Collects the structured answer; null if none was requested.</summary>
    public OutputCollector? Output { get; private set; }

    /// <summary>Runs the caller's verification of the work; null if there is none.</summary>
    public Verifier? Verifier { get; private set; }

    /// <summary>The folder with the run's files; null if it has none.</summary>
    public RunFolder? Folder => _folder;

    /// <summary>The settings on another machine that have changed.</summary>
    public IReadOnlyList<HostFile> ChangedSettings => _connection.ChangedSettings;

    /// <summary>How to start the CLI.</summary>
    public ProcessCommand Command => Plan.ToCommand(_files);

    /// <summary>Opens the services and writes the files.</summary>
    /// <param name="plan">The plan of the run.</param>
    /// <param name="connection">The connection to the machine of its CLI.</param>
    /// <param name="cancellationToken">Canceled when the run is canceled before it starts.</param>
    /// <param name="verifier">Verifies all tries of the run; null for a run that is not retried.</param>
    /// <exception cref="AmpException">A service cannot be opened, or the files cannot be written. No service stays open.</exception>
    public static async Task<RunSurroundings> OpenAsync(
        RunPlan plan, RunConnection connection, CancellationToken cancellationToken, Verifier? verifier = null)
    {
        RunSurroundings surroundings = new(plan, connection) { Verifier = verifier };
        try
        {
            await surroundings.OpenAsync(cancellationToken).ConfigureAwait(false);
            return surroundings;
        }
        catch (Exception exception)
        {
            await surroundings.DisposeAsync().ConfigureAwait(false);
            if (exception is OperationCanceledException)
            {
                throw new AmpCanceledException(cancellationToken);
            }

            throw;
        }
    }

    /// <summary>The wait for the caller's next message, if there are turns.</summary>
    public RunWork CallerWait { get; } = new();

    /// <summary>What the CLI waits for: the work of the services, and the caller's next message.</summary>
    public IReadOnlyList<RunWork> Work => _work;

    /// <summary>
    /// Gets a warning about the MCP servers of the run that are not connected at its start; null if there are none. Those in the settings of the user or the
    /// workspace are not a part of the call.
    /// </summary>
    /// <param name="start">The first message of the run.</param>
    public string? ServerWarning(SystemMessage start)
    {
        // A server that is still connecting may be ready when the agent requires it; one that cannot start is reconnecting.
        string[] missing =
        [
            .. start.McpServers.Where(server => server.Name is string name && _servers.Contains(name) && server.Status is not (null or "connected" or "connecting"))
                .Select(server => $"'{server.Name}' ({server.Status})"),
        ];
        return missing.Length == 0 ? null
            : TerminalText.Strip($"These MCP servers were not connected when the agent started, so it may not have their tools: {string.Join(", ", missing)}.");
    }

    /// <summary>Closes the services, last one first, even if one fails.</summary>
    public async Task CloseServicesAsync()
    {
        while (_services.TryPop(out IAsyncDisposable? service))
        {
            try
            {
                await service.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await CloseServicesAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Closes the services and deletes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await CloseServicesAsync().ConfigureAwait(false);
        }
        finally
        {
            _folder?.Dispose();
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        Plan.NoteSecrets();
        if (Plan.Options.Verify is not null)
        {
            // Before the agent can change anything.
            Verifier ??= new Verifier(Plan.Options, Plan.Redactor(RunContribution.Nothing));
            Verifier.Begin(Plan.WorkingDirectory);
            _work.Add(Verifier.Work);
        }

        if (_connection is IInProcessAgent agent)
        {
            OpenInProcess(agent);
            return;
        }

        if (Plan.Services.Count > 0)
        {
            _folder = _connection.CreateFolder(Plan.WorkingDirectory);
            List<RunContribution> contributions = [];
            foreach (IRunService service in Plan.Services)
            {
                OpenRunService open = await service.OpenAsync(_folder, cancellationToken).ConfigureAwait(false);
                _services.Push(open.Lifetime);
                contributions.Add(open.Contribution);
                Output = open.Output ?? Output;
                if (open.Work is not null)
                {
                    _work.Add(open.Work);
                }
            }

            _contribution = RunContribution.Merge(contributions);
        }

        foreach (PrivateFile file in PlannedFiles())
        {
            _folder ??= _connection.CreateFolder(Plan.WorkingDirectory);
            _files[file.Name] = _folder.Add(file);
        }
    }

    private IReadOnlyList<PrivateFile> PlannedFiles()
    {
        IReadOnlyList<PrivateFile> files = Plan.Files(_contribution);
        if (files.FirstOrDefault(file => file.Name == RunArgument.McpConfigName) is PrivateFile config)
        {
            using JsonDocument servers = JsonDocument.Parse(config.Content);
            _servers.UnionWith(servers.RootElement.EnumerateObject().Select(server => server.Name));
        }

        return files;
    }

    private void OpenInProcess(IInProcessAgent agent)
    {
        List<ServedTool> tools = [];
        Func<ApprovalRequest, CancellationToken, Task<ApprovalDecision>>? ask = null;
        foreach (OpenRunService open in Plan.Services.Select(service => service.OpenInProcess()))
        {
            _services.Push(open.Lifetime);
            Output = open.Output ?? Output;
            tools.AddRange(open.Tools);
            ask ??= open.Ask;
            if (open.Work is not null)
            {
                _work.Add(open.Work);
            }
        }

        // The arguments name them, but nobody reads them.
        foreach (PrivateFile file in PlannedFiles())
        {
            _files[file.Name] = file.Name;
        }

        agent.Begin(new AgentContext(Plan, tools, ask));
    }
}
