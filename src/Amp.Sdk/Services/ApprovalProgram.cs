using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Amp.Processes;

namespace Amp.Services;

/// <summary>
/// Writes the program that asks for approvals to a run's private folder, using the first kind that works on this machine.
/// </summary>
internal static class ApprovalProgram
{
    /// <summary>The name of the tool in a trial question. No tool of the CLI has it.</summary>
    public const string TrialTool = "";

    private const int TextFileBusy = 26;

    // Long enough for PowerShell on a busy machine.
    private static readonly TimeSpan s_trialLimit = TimeSpan.FromSeconds(20);

    /// <summary>Writes the program and tries it.</summary>
    /// <param name="channel">The open channel.</param>
    /// <param name="scripts">The kinds of scripts, best first.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="cancellationToken">Cancels the trial.</param>
    /// <returns>The full path of the program.</returns>
    /// <exception cref="AmpValidationException">None of them can connect to the session.</exception>
    public static async Task<string> CreateAsync(
        ApprovalChannel channel, IEnumerable<ApprovalScript> scripts, RunFolder folder, CancellationToken cancellationToken)
    {
        foreach (ApprovalScript script in scripts)
        {
            folder.Add(new PrivateFile(script.Name, Encoding.UTF8.GetBytes(script.Text)));
            string program = folder.Add(
                new PrivateFile(Path.GetFileNameWithoutExtension(script.Name) + "-by" + Path.GetExtension(script.Name)[1..],
                Encoding.UTF8.GetBytes(script.Starter(folder.Path)),
                IsProgram: true));
            if (await ReachesAsync(channel, program, cancellationToken).ConfigureAwait(false))
            {
                return program;
            }
        }

        throw new AmpValidationException(
            $"No program in '{folder.Path}' can ask this session for approval.",
            nameof(AmpOptions.Approval),
            "An approval requires a folder for temporary files from which programs can run (TMPDIR), and one of these: bash with /dev/tcp, node on PATH, "
            + "or PowerShell as the caller.",
            folder.Path,
            AmpErrorId.UnsupportedByCli);
    }

    private static async Task<bool> ReachesAsync(ApprovalChannel channel, string program, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(program)!,
        };
        start.Environment.Remove("AMP_API_KEY");
        foreach (string variable in ApprovalScript.CallVariables)
        {
            start.Environment[variable] = TrialTool;
        }

        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_trialLimit);
        using Process process = new() { StartInfo = start };
        try
        {
            await StartAsync(process, limit.Token).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return channel.Reached.IsCompleted;
        }
        catch (Win32Exception)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    // A process that another thread is just starting has, for a moment, a copy of the handle with which the program was written.
    private static async Task StartAsync(Process process, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                process.Start();
                return;
            }
            catch (Win32Exception exception) when (exception.NativeErrorCode == TextFileBusy)
            {
                await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}

/// <summary>The secrets of a run's channel, which exist only in this process and in the run's private folder.</summary>
/// <param name="Question">Allows its holder to ask.</param>
/// <param name="Consent">The session's answer for a yes. A process that knows only the port, and listens there after the session has ended,
/// does not know it.</param>
internal sealed record ApprovalKeys(string Question, string Consent)
{
    public static ApprovalKeys Create() => new(Random(), Random());

    private static string Random() => Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
}
