using System.Runtime.CompilerServices;
using Amp.Files;
using Amp.Processes;
using Amp.Records;

namespace Amp;

/// <summary>
/// Reads records of runs: transcripts (<see cref="AmpOptions.TranscriptPath"/>), plain output of <c>amp --stream-json</c>, and exported threads
/// (<c>ThreadClient.ExportJsonAsync</c>). The messages are the same objects that a run returns. Lines are read one by one, so a file can have any length;
/// only an exported thread is read as a whole.
/// </summary>
public static class TranscriptReader
{
    /// <summary>The longest line of the CLI, and what the transcript adds to it, in bytes.</summary>
    internal const int LongestLine = 512 * 1024 * 1024;

    private const int ShownOfLine = 400;

    // For runs of which nobody can tell whether their process still exists.
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="waitForEnd">Whether to wait at the end of the file until all of its runs have ended. A run whose process has exited without an end in the
    /// file counts as ended. If that cannot be known (the run is of another computer or container, its first line is missing, or the file is empty or plain output of the
    /// CLI), or if the file was deleted or replaced, the wait ends after a minute without a new line. If the file becomes shorter, the reading ends with an invalid line.</param>
    /// <param name="cancellationToken">Cancels the read operation.</param>
    /// <returns>The entries, in the order of the file. A line that cannot be read is an entry with an error, and the next lines follow.</returns>
    /// <exception cref="AmpValidationException">The file does not exist, is not a regular file, or cannot be read.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static IAsyncEnumerable<TranscriptEntry> ReadAsync(string path, bool waitForEnd = false, CancellationToken cancellationToken = default) =>
        ReadAsync(path, waitForEnd, LongestLine, s_longestSilence, cancellationToken);

    /// <summary>Reads a file, with other limits of a line and of the wait for a run that may not exist anymore.</summary>
    internal static IAsyncEnumerable<TranscriptEntry> ReadAsync(
        string path, bool waitForEnd, int longestLine, TimeSpan longestSilence, CancellationToken cancellationToken) =>
        ReadAsync(path, BoundedFile.Open, waitForEnd, longestLine, longestSilence, cancellationToken);

    /// <summary>Reads a file that is opened in another way.</summary>
    internal static async IAsyncEnumerable<TranscriptEntry> ReadAsync(
        string path, Func<string, FileStream> open, bool waitForEnd, int longestLine, TimeSpan longestSilence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        using FileStream file = Try(path, () => open(path));
        TranscriptParser parser = new(path);
        if (Try(path, () => ExportedThread.IsIn(file)))
        {
            ExportedThread.Read(file, path, parser);
            while (parser.TryTake(out TranscriptEntry entry))
            {
                yield return entry;
            }

            yield break;
        }

        LineFramer framer = new(ByteSource.Of(file), longestLine);
        bool isGone = false;
        bool skips = false;
        long arrivedAt = Environment.TickCount64;
        while (true)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw new AmpCanceledException(cancellationToken);
            }

            bool more = Try(path, () => framer.Read(file));
            while (TakeLine(framer, parser, longestLine, ref skips))
            {
                while (parser.TryTake(out TranscriptEntry entry))
                {
                    yield return entry;
                }
            }

            if (more)
            {
                isGone = false;
                arrivedAt = Environment.TickCount64;
                continue;
            }

            if (!waitForEnd || parser.HasEnded || isGone)
            {
                break;
            }

            if (Try(path, () => file.Length < file.Position))
            {
                // What is written now would be read from the middle of a line, or never.
                parser.TakeLoss("The file became shorter while it was read.");
                skips = true;
                break;
            }

            // What the process wrote before it exited is still to be read.
            bool isSilent = Environment.TickCount64 - arrivedAt >= longestSilence.TotalMilliseconds;
            isGone = ((isSilent || parser.OpenRuns.Any()) && parser.OpenRuns.All(run => OwnerOf(run)?.IsGone ?? isSilent)) || (isSilent && !IsAtPath(file, path));
            if (!isGone)
            {
                await WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        if (!skips && !framer.Pending.IsEmpty)
        {
            parser.Take(framer.TakeRest(), isComplete: false);
        }

        parser.End();
        while (parser.TryTake(out TranscriptEntry entry))
        {
            yield return entry;
        }
    }

    // Part of a file must not look like the whole: an error is not the end.
    private static T Try<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OverflowException)
        {
            throw Unreadable(path, exception);
        }
    }

    // A file that was deleted or replaced may never get the end of its run, however long the process lives.
    private static bool IsAtPath(FileStream file, string path)
    {
        if (!BoundedFile.IsThere(path))
        {
            return false;
        }

        try
        {
            using FileStream now = BoundedFile.Open(path);
            return FileFacts.Of(now.SafeFileHandle) is not FileFacts there || FileFacts.Of(file.SafeFileHandle) is not FileFacts read || read.IsSameFile(there);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static bool TakeLine(LineFramer framer, TranscriptParser parser, int longestLine, ref bool skips)
    {
        // The rest of a line that is too long can arrive much later.
        skips = skips && !framer.TrySkipLine();
        if (skips)
        {
            return false;
        }

        if (framer.TryReadLine(out ReadOnlySpan<byte> line))
        {
            parser.Take(line, isComplete: true);
            return true;
        }

        if (!framer.IsTooLong)
        {
            return false;
        }

        parser.TakeTooLong(framer.Pending[..Math.Min(ShownOfLine, longestLine)], longestLine);
        skips = !framer.TrySkipLine();
        return true;
    }

    // Null if the system does not know it: a process of another computer or container.
    private static ProcessIdentity? OwnerOf(TranscriptRun run) => run.HostName == Environment.MachineName
        && run.Owner is string owner && ProcessIdentity.Parse(owner) is { IsKnown: true } process ? process : null;

    private static async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(s_lookInterval, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new AmpCanceledException(cancellationToken);
        }
    }

    private static AmpValidationException Unreadable(string path, Exception cause) => new(
        $"'{path}' cannot be read: {cause.Message}", "Path", "Give a transcript, the saved output of 'amp --stream-json', or an exported thread.", path);
}
