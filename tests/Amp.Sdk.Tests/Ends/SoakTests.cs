using System.Diagnostics;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ends;

/// <summary>A short soak, in a process of its own: <c>Amp.Soak</c> does the same ten thousand times.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Runs_with_every_kind_of_ending_leave_nothing_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts the entries of /proc.");
        using Process soak = Process.Start(new ProcessStartInfo(RepositoryLayout.Soak, ["--runs", "80", "--settled", "40"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        soak.StandardInput.Close();
        Task<string> errors = soak.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string text = await soak.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await soak.WaitForExitAsync(TestContext.Current.CancellationToken);
        output.WriteLine(text);
        Assert.True(soak.ExitCode == 0, text + await errors);
        Assert.Contains("80 runs with 20 endings", text, StringComparison.Ordinal);
    }
}
