using System.Diagnostics;

namespace Amp.LocalService.Tests.CommandLine;

/// <summary>The service as a program of its own; it is gone when the object is.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Task<string> _error;

    private ServiceProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static ServiceProcess Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(LocalAmpService).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ServiceProcess(Process.Start(start)!);
    }

    public async Task<string> ReadLineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(s_limit, cancellationToken) ?? "";

    /// <summary>Waits for the end; gives the exit code and what came on stdout that was not yet read, and on stderr.</summary>
    public async Task<(int ExitCode, string Output, string Error)> WaitForExitAsync(CancellationToken cancellationToken)
    {
        string output = await _process.StandardOutput.ReadToEndAsync(cancellationToken).WaitAsync(s_limit, cancellationToken);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(s_limit, cancellationToken);
        return (_process.ExitCode, output, await _error);
    }

    public void CloseInput() => _process.StandardInput.Close();

    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [name, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
