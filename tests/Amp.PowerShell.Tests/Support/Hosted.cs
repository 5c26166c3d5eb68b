using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using Amp.Testing;
using Microsoft.PowerShell;

namespace Amp.PowerShell.Tests.Support;

/// <summary>PowerShell in this process, with the built module imported.</summary>
internal static class Hosted
{
    /// <summary>Against tests that hang; nothing is measured by it.</summary>
    public static readonly TimeSpan HangLimit = TimeSpan.FromMinutes(10);

    public static string Manifest => Path.Combine(RepositoryLayout.Root, "out", "Amp", "Amp.psd1");

    /// <summary>What a new session begins with.</summary>
    public static InitialSessionState State()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
        {
            state.ExecutionPolicy = ExecutionPolicy.Bypass;
        }

        state.ImportPSModule(Manifest);
        state.ThrowOnRunspaceOpenError = true;
        return state;
    }

    public static Runspace Open(PSHost? host = null)
    {
        Runspace runspace = host is null ? RunspaceFactory.CreateRunspace(State()) : RunspaceFactory.CreateRunspace(host, State());
        runspace.Open();
        return runspace;
    }

    /// <summary>A script with <c>$call</c> and, where given, <c>$value</c>.</summary>
    public static System.Management.Automation.PowerShell Script(Runspace runspace, string script, Place place, object? value = null)
    {
        System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript("param($call, $value) " + script).AddArgument(place.Call).AddArgument(value);
        return shell;
    }

    /// <summary>Runs a script to its end, in a session of its own.</summary>
    public static async Task<HostedOutcome> RunAsync(string script, Place place, object? value = null, PSHost? host = null)
    {
        using Runspace runspace = Open(host);
        using System.Management.Automation.PowerShell shell = Script(runspace, script, place, value);
        PSDataCollection<PSObject> output = await shell.InvokeAsync().OrHangAsync();
        return new HostedOutcome([.. output], [.. shell.Streams.Error], [.. shell.Streams.Warning.Select(warning => warning.Message)]);
    }

    /// <summary>Waits, but not for ever.</summary>
    public static Task OrHangAsync(this Task task) => task.WaitAsync(HangLimit, CancellationToken.None);

    /// <summary>Waits, but not for ever.</summary>
    public static Task<T> OrHangAsync<T>(this Task<T> task) => task.WaitAsync(HangLimit, CancellationToken.None);

    /// <summary>A property by its name: the types of the module are of an assembly that these tests do not refer to.</summary>
    public static object? Property(this PSObject item, string name) =>
        (item.Properties[name] ?? throw new InvalidOperationException($"{item.BaseObject.GetType()} has no {name}.")).Value;

    public static string TypeName(this PSObject item) => item.BaseObject.GetType().FullName!;
}

/// <summary>What a script gave.</summary>
internal sealed record HostedOutcome(IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Warnings);
