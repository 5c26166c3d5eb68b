using System.Collections.Concurrent;
using System.Text;
using Amp.Cli;
using Amp.Options;
using Amp.Processes;
using Amp.Transports;

namespace Amp.Ssh;

/// <summary>
/// The connection of one run to a host. One script on the host looks for the CLI, asks it, reports, and waits for the files and the start, so a run
/// costs one round trip beyond the start of <c>ssh</c>.
/// </summary>
internal sealed class SshConnection : RunConnection
{
    // What CLIs of hosts have answered, for the life of the process. A wrapper script of the user can start another CLI tomorrow, and is asked each time.
    private static readonly ConcurrentDictionary<string, ConcurrentDictionary<string, (string Version, string Help)>> s_known = new();
    private const int MostKnown = 20;

    // For a host that does not answer, or a caller that does not want to wait.
    private static readonly TimeSpan s_closeWait = TimeSpan.FromSeconds(2);

    private readonly SshLink _link;
    private readonly HostReport _report;
    private readonly List<PrivateFile> _files = [];
    private readonly TimeSpan _closeWait;
    private bool _isStarted;

    private SshConnection(SshLink link, HostReport report, AmpCli cli, TimeSpan closeWait)
    {
        _closeWait = closeWait;
        _link = link;
        _report = report;
        Found = new HostFacts(cli, report["folder"], report["home"], FileOf("user"), FileOf("workspace"));
    }

    /// <inheritdoc/>
    public override HostFacts Found { get; }

    /// <summary>Connects, and finds and asks the CLI.</summary>
    /// <exception cref="AmpException">There is no connection, no shell or no CLI.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static Task<SshConnection> OpenAsync(SshTransport transport, CliLookup lookup, CancellationToken cancellationToken) =>
        OpenAsync(transport, lookup, isAgain: false, cancellationToken);

    private static async Task<SshConnection> OpenAsync(SshTransport transport, CliLookup lookup, bool isAgain, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw new AmpCanceledException(cancellationToken);
        }

        TimeSpan askLimit = CliProbe.LimitOf(RunEnvironment.Build(changes: null));
        ConcurrentDictionary<string, (string Version, string Help)> known = s_known.GetOrAdd(HostOf(transport), _ => new());
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(transport.ConnectTimeout);
        SshLink? link = null;
        bool hasShell = false;
        try
        {
            link = SshLink.Start(
                transport, marker => StartScript.OfHost(marker, Guid.NewGuid().ToString("N"), lookup, known.Keys.Take(MostKnown), transport.KeepAliveInterval));
            await link.SendScriptAsync(limit.Token).ConfigureAwait(false);
            using HostReport report = new(link.Client.Output);
            hasShell = await report.FindAsync(link.Marker, limit.Token).ConfigureAwait(false);
            if (!hasShell)
            {
                await link.Errors.Begun.WaitAsync(limit.Token).ConfigureAwait(false);
                ProcessExit exit = await link.Client.Exited.WaitAsync(limit.Token).ConfigureAwait(false);
                if (!isAgain && SshArguments.LearnOld(transport, link.Errors.Noise))
                {
                    SshLink refused = link;
                    link = null;
                    await refused.DisposeAsync().ConfigureAwait(false);
                    return await OpenAsync(transport, lookup, isAgain: true, cancellationToken).ConfigureAwait(false);
                }

                throw link.Failure.BeforeShell(exit.ExitCode ?? 255, report.Noise, link.Errors.Noise);
            }

            limit.CancelAfter(askLimit);
            if (!await report.ReadAsync(limit.Token).ConfigureAwait(false))
            {
                throw link.Failure.Lost();
            }

            return report.Refusal is (string reason, string about) ? throw link.Failure.Refused(reason, about) : new SshConnection(link, report, Interpret(report, known, link.Failure), transport.ConnectTimeout);
        }
        catch (Exception exception)
        {
            AmpException? late = exception is OperationCanceledException && !cancellationToken.IsCancellationRequested && link is not null
                ? hasShell ? link.Failure.Silent(askLimit) : link.Failure.BeforeShell(exitCode: null, string.Empty, link.Errors.Noise)
                : null;
            if (link is not null)
            {
                await (hasShell ? CloseAsync(link, late is null && !cancellationToken.IsCancellationRequested ? transport.ConnectTimeout : s_closeWait).AsTask()
                    : link.DisposeAsync().AsTask()).ConfigureAwait(false);
            }

            throw late ?? (exception is OperationCanceledException and not AmpCanceledException ? new AmpCanceledException(cancellationToken) : exception);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<HostFile> ChangedSettings => _link.Errors.Told.IsCompleted ? _link.Errors.ChangedSettings : [];

    /// <inheritdoc/>
    public override RunFolder CreateFolder(string workingDirectory)
    {
        _link.Errors.Relay = new HostRelay(_link, _report, _files);
        return new HostFolder(_report["private"], _files, _link.Errors);
    }

    /// <inheritdoc/>
    public override async Task<RunProcess> StartAsync(ProcessCommand command, CancellationToken cancellationToken)
    {
        try
        {
            foreach (PrivateFile file in _files)
            {
                await _link.SendFileAsync(file, cancellationToken).ConfigureAwait(false);
            }

            await _link.SendFileAsync(new PrivateFile("start", StartScript.OfCli(command, _report["path"], _report["private"])), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new AmpCanceledException(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw _link.Failure.Lost();
        }

        _isStarted = true;
        _link.Send(string.Join(' ', _files.Select(file => file.Name).Prepend("start")));
        return new SshProcess(_link);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _isStarted ? ValueTask.CompletedTask : CloseAsync(_link, _closeWait);

    // The client ends when the script has ended, which removes the folder first. A host that is there is waited for, so that nothing is left when this
    // returns; a host that is not is given up.
    private static async ValueTask CloseAsync(SshLink link, TimeSpan longest)
    {
        link.Send("kill");
        await Task.WhenAny(link.Client.Exited, Task.Delay(longest)).ConfigureAwait(false);
        await link.DisposeAsync().ConfigureAwait(false);
    }

    private static AmpCli Interpret(HostReport report, ConcurrentDictionary<string, (string Version, string Help)> known, SshFailure failure)
    {
        string line = $"{report["form"]} {report["print"]} {report["cli"]}";
        (string version, string help) = report.Part("version") is byte[] said
            ? (Encoding.UTF8.GetString(said), Encoding.UTF8.GetString(report.Part("help") ?? []))
            : known.GetValueOrDefault(line, (string.Empty, string.Empty));
        string path = report["cli"];
        if (AmpCli.ReadVersion(version) is not (string number, var releaseDate))
        {
            throw failure.AnotherProgram(path, version);
        }

        CliForm form = Enum.TryParse(report["form"], out CliForm parsed) ? parsed : CliForm.Native;
        CliSource source = Enum.TryParse(report["from"], out CliSource from) ? from : CliSource.SearchPath;
        CliCapabilities capabilities = CliCapabilities.Parse(help);
        if (form != CliForm.Script && capabilities.Options.Count > 0)
        {
            known[line] = (version, help);
        }

        bool isScriptOfNode = report["node"].Length > 0;
        return new AmpCli(
            new CliProgram(path, isScriptOfNode ? report["node"] : path, isScriptOfNode ? path : null, form, source), number, releaseDate, capabilities);
    }

    private static string HostOf(SshTransport transport) => string.Join(
        '\n',
        [
            transport.ToString(), transport.ConfigFile ?? string.Empty,
            .. (transport.Options ?? new Dictionary<string, string>()).Select(option => $"{option.Key}={option.Value}").Order(StringComparer.Ordinal),
        ]);

    private HostFile? FileOf(string key) => _report[key].Length == 0 ? null : new HostFile(_report[key], _report.Part(key) is byte[] part ? part : (ReadOnlyMemory<byte>?)null);

    // The folder is there since the connection is; its files are sent before the start.
    private sealed class HostFolder(string path, List<PrivateFile> files, HostErrors told) : RunFolder
    {
        public override string Path => path;

        public override RunRelay? Relay => told.Relay;

        public override string Add(PrivateFile file)
        {
            files.Add(file);
            return $"{path}/{file.Name}";
        }

        // The host tells it when the CLI has ended.
        public override string? ChangedFile() => told.Told.IsCompleted ? told.ChangedFile : null;

        public override void Dispose()
        {
            // The host deletes it at the end of the run, and also if nothing of this process is there to ask for it.
        }
    }
}
