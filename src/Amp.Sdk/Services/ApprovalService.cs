using Amp.Cli;
using Amp.Options;
using Amp.Processes;

namespace Amp.Services;

/// <summary>Lets the caller's code decide about tool calls, with a program that the CLI delegates to and that asks this process.</summary>
internal sealed class ApprovalService : IRunService
{
    private static readonly string[] s_bashes = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/run/current-system/sw/bin/bash"];

    private readonly AmpOptions _options;
    private readonly Func<string, string> _nameOf;

    /// <param name="options">The options of the run.</param>
    /// <param name="nameOf">Translates the CLI's name of a tool; by default, the name is not changed.</param>
    /// <exception cref="AmpValidationException">This system has no way to ask.</exception>
    public ApprovalService(AmpOptions options, Func<string, string>? nameOf = null)
    {
        if (OperatingSystem.IsWindows() && options.Transport?.IsReplay != true && !OtherMachine.IsAskedFor(options))
        {
            // There, the CLI starts only .exe files.
            throw new AmpValidationException(
                "Tool calls cannot be approved one by one on Windows yet: the CLI has no way to ask.",
                nameof(AmpOptions.Approval),
                "Use AmpOptions.Permissions to say what is allowed, or run the agent under WSL.",
                errorId: AmpErrorId.UnsupportedByCli);
        }

        _options = options;
        _nameOf = nameOf ?? (tool => tool);
    }

    /// <inheritdoc/>
    public RunContribution Planned => new() { Approver = "<private approve>" };

    /// <inheritdoc/>
    public async ValueTask<OpenRunService> OpenAsync(RunFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Relay is RunRelay relay)
        {
            ApprovalChannel far = Channel(relay.WorkingDirectory);
            return Open(far, relay.Add(ApprovalScript.RelayedName, connect => ApprovalScript.OnRelay(connect, far.Keys), far.ServeAsync));
        }

        ApprovalChannel channel = Channel(OptionChecks.WorkingDirectory(_options));
        try
        {
            channel.Open();
            string program = await ApprovalProgram.CreateAsync(channel, Scripts(channel), folder, cancellationToken).ConfigureAwait(false);
            return Open(channel, program);
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public OpenRunService OpenInProcess()
    {
        // A folder of another machine need not exist here.
        ApprovalChannel channel = Channel(OtherMachine.IsAskedFor(_options) ? OtherMachine.WorkingDirectory(_options) ?? "~" : OptionChecks.WorkingDirectory(_options));
        return new OpenRunService(new RunContribution(), channel) { Work = channel.Work, Ask = channel.AskAsync };
    }

    private static OpenRunService Open(ApprovalChannel channel, string program) =>
        new(new RunContribution { Approver = program, SecretValues = [channel.Keys.Question, channel.Keys.Consent] }, channel) { Work = channel.Work };

    private ApprovalChannel Channel(string workingDirectory) =>
        new(new ApprovalCallback(_options.Approval!, _options.ApprovalTimeout), workingDirectory, _nameOf) { HostName = _options.Transport?.HostName };

    private IEnumerable<ApprovalScript> Scripts(ApprovalChannel channel)
    {
        if (Array.Find(s_bashes, File.Exists) is string bash)
        {
            yield return ApprovalScript.ForBash(bash, channel.Port, channel.Keys);
        }

        CliLocator locator = new(RunEnvironment.Build(_options.Environment), OptionChecks.WorkingDirectory(_options));
        if (locator.FindOnPath("node") is string node)
        {
            yield return ApprovalScript.ForNode(node, channel.Port, channel.Keys);
        }

        if (Environment.ProcessPath is string self && Path.GetFileNameWithoutExtension(self) == "pwsh")
        {
            yield return ApprovalScript.ForPowerShell(self, channel.Port, channel.Keys);
        }
    }
}
