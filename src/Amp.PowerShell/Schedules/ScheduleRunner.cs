using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Security;
using Amp.PowerShell.State;
using Amp.Schedules;

namespace Amp.PowerShell.Schedules;

/// <summary>Runs a schedule in the PowerShell that a scheduler started. The runner of the schedule calls it.</summary>
internal static class ScheduleRunner
{
    /// <summary>The command that reads a secret, with its module: a function of the same name in another module gets no name of a secret.</summary>
    public const string SecretCommand = @"Microsoft.PowerShell.SecretManagement\Get-Secret";

    private const string ModulePathName = "PSModulePath";

    /// <summary>Runs the script of a schedule.</summary>
    /// <param name="folder">The folder of the schedule.</param>
    /// <returns>The exit code for the scheduler.</returns>
    /// <exception cref="AmpException">The folder contains no schedule.</exception>
    public static int Run(string folder)
    {
        using CancellationTokenSource stop = new();
        using IDisposable signals = HostSignals.StopOnSignal(stop.Cancel);
        return new ScheduledRun(folder, RunnerScript.ModuleFolders, ReadKey).RunAsync(stop.Token).GetAwaiter().GetResult();
    }

    // In this session, which has the modules of the user and no profile.
    private static SecureString? ReadKey(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        UseVariables(definition.Variables);
        try
        {
            using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            shell.AddCommand(SecretCommand).AddParameter("Name", definition.ApiKeyName).AddParameter("ErrorAction", "Stop");
            if (definition.Vault is not null)
            {
                shell.AddParameter("Vault", definition.Vault);
            }

            // A vault that asks for a password, or does not answer, does not outlast the time limit.
            using CancellationTokenRegistration stop = cancellationToken.Register(() => shell.BeginStop(null, null));
            Collection<PSObject> secrets = shell.Invoke();

            // A command that was stopped may end without an error.
            cancellationToken.ThrowIfCancellationRequested();
            return secrets is [PSObject { BaseObject: SecureString { Length: > 0 } secret }]
                ? secret
                : throw Unavailable(definition, "it is not a SecureString.", null);
        }
        catch (RuntimeException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The run was stopped while its access token was read.", exception, cancellationToken);
        }
        catch (RuntimeException exception)
        {
            throw Unavailable(definition, TerminalText.WithoutSecrets(TerminalText.Strip(exception.Message)), exception);
        }
    }

    // As in the session that registered the schedule: a vault may be in a folder that only PSModulePath has, and start programs. The variables of the
    // script are complete by now.
    private static void UseVariables(IReadOnlyDictionary<string, string> variables)
    {
        string own = Environment.GetEnvironmentVariable(ModulePathName) ?? string.Empty;
        foreach ((string name, string value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        // This PowerShell may be newer than that of the session.
        string kept = variables.GetValueOrDefault(ModulePathName) ?? string.Empty;
        Environment.SetEnvironmentVariable(
            ModulePathName, string.Join(Path.PathSeparator, $"{kept}{Path.PathSeparator}{own}".Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Distinct()));
    }

    private static AmpException Unavailable(ScheduleDefinition definition, string reason, Exception? inner) => new(
        $"The access token '{definition.ApiKeyName}'{(definition.Vault is null ? string.Empty : $" of the vault '{definition.Vault}'")} cannot be read: {reason}",
        AmpErrorId.NotAuthenticated,
        "Run Get-Secret as the user of the schedule. It must not ask for a password.",
        inner);
}
