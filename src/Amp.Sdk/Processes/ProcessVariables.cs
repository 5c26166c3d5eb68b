using System.Buffers;
using System.Globalization;
using System.Text;

namespace Amp.Processes;

/// <summary>Reads the environment variables with which other processes were started, if the system allows it (Linux).</summary>
internal static class ProcessVariables
{
    // On common settings, a kernel allows at most this size for all arguments and variables of a program.
    private const int LongestEnvironment = 2 * 1024 * 1024;

    /// <summary>Looks at the variables of a process.</summary>
    public delegate void Look(int processId, ReadOnlySpan<byte> variables);

    /// <summary>
    /// Reads the variables of every other accessible process. Exited processes have no variables, and those of other users are skipped.
    /// </summary>
    /// <param name="look">Called for each process.</param>
    /// <param name="unclear">Called for each process that has no readable variables at the moment.</param>
    public static void ReadAll(Look look, Action<int>? unclear = null)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/proc"))
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int processId)
                    && processId != Environment.ProcessId
                    && Read($"{folder}/environ", ref buffer) is int length)
                {
                    if (length > 0)
                    {
                        look(processId, buffer.AsSpan(0, length));
                    }
                    else
                    {
                        unclear?.Invoke(processId);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Returns whether a process was started with a variable; false if it is not accessible.</summary>
    public static bool HasAny(int processId, string name)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            return Read($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/environ", ref buffer) is int length
                && Find(buffer.AsSpan(0, length), name) is not null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Finds the value of a variable; null if it is not set.</summary>
    public static string? Find(ReadOnlySpan<byte> variables, string name)
    {
        Span<byte> start = stackalloc byte[name.Length + 1];
        Encoding.ASCII.GetBytes(name, start);
        start[^1] = (byte)'=';
        while (!variables.IsEmpty)
        {
            int end = variables.IndexOf((byte)0);
            ReadOnlySpan<byte> variable = end < 0 ? variables : variables[..end];
            if (variable.StartsWith(start))
            {
                return Encoding.UTF8.GetString(variable[start.Length..]);
            }

            variables = end < 0 ? [] : variables[(end + 1)..];
        }

        return null;
    }

    private static int? Read(string file, ref byte[] buffer)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            int length = 0;
            while (length < LongestEnvironment)
            {
                if (length == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                int read = stream.Read(buffer, length, buffer.Length - length);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            return length;
        }
        catch (UnauthorizedAccessException)
        {
            // A process of another user, or one of this user that is just loading its program.
            return 0;
        }
        catch (IOException)
        {
            // It has just exited.
            return null;
        }
    }
}
