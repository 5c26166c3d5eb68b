using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation.Language;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Tools;

/// <summary>
/// The process that checks and runs a script of the agent: a PowerShell without the caller's session, variables and folder, with limited
/// memory. It can be killed at any time.
/// </summary>
internal sealed class GateProcess : IDisposable
{
    /// <summary>The memory limit for the objects of a script, in MiB.</summary>
    public const int MemoryMebibytes = 512;

    // The variables that a process requires to start. Keys, tokens and all other variables of the session are not passed.
    private static readonly HashSet<string> s_variables = new(StringComparer.OrdinalIgnoreCase)
    {
        "PATH", "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LC_NUMERIC", "LC_TIME", "TZ", "TERM", "SystemRoot", "SystemDrive", "windir",
        "COMSPEC", "PATHEXT", "APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "LD_LIBRARY_PATH",
    };

    private readonly Process _process;
    private readonly object _lock = new();
    private bool _isDisposed;

    private GateProcess(Process process)
    {
        _process = process;
        Messages = new GateMessage(process.StandardOutput.BaseStream, process.StandardInput.BaseStream);
    }

    /// <summary>The messages to and from the process.</summary>
    public GateMessage Messages { get; }

    /// <summary>Whether the process has exited.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a process.</summary>
    /// <param name="home">The folder of this PowerShell.</param>
    /// <exception cref="InvalidOperationException">No PowerShell can be started.</exception>
    public static GateProcess Start(string home)
    {
        IReadOnlyList<string> powerShell = OwnPowerShell.Find(home)
            ?? throw new InvalidOperationException($"Scripts require a separate PowerShell process, but '{home}' contains no PowerShell that can be started.");
        string assembly = CodeGeneration.EscapeSingleQuotedStringContent(typeof(GateProcess).Assembly.Location);
        ProcessStartInfo start = new(powerShell[0])
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        foreach (string argument in (string[])[.. powerShell.Skip(1), "-NoLogo", "-NoProfile", "-NonInteractive", "-Command",
            $"[System.Reflection.Assembly]::LoadFrom('{assembly}').GetType('{typeof(GateChild).FullName}').GetMethod('{nameof(GateChild.Run)}').Invoke($null, $null)"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in start.Environment.Keys.Where(name => !s_variables.Contains(name)).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = (MemoryMebibytes * 1024L * 1024).ToString("x", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";

        // The diagnostic pipes of .NET, which would remain in the temporary folder when the process is killed.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["POWERSHELL_DIAGNOSTICS_OPTOUT"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        try
        {
            Process process = Process.Start(start)!;

            // It only contains internal errors and is not used, but a full pipe would block the process.
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            return new GateProcess(process);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException($"'{powerShell}' cannot be started: {exception.Message}", exception);
        }
    }

    /// <summary>Kills the process and everything it may have started.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            try
            {
                _process.Kill(entireProcessTree: true);
            }
            catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
            {
                // It has exited by itself.
            }
        }
    }

    /// <inheritdoc cref="Kill"/>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        lock (_lock)
        {
            _isDisposed = true;
            Messages.Dispose();
            _process.Dispose();
        }
    }
}
