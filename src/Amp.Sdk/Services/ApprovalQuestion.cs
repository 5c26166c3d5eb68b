using System.Security.Cryptography;
using System.Text;

namespace Amp.Services;

/// <summary>
/// Reads a question of a delegate program: the token, the tool's name, the call's ID, the thread's ID and the input, each ended by a NUL,
/// which shells can write and JSON never contains.
/// </summary>
internal static class ApprovalQuestion
{
    private const int LargestHead = 16 * 1024;
    private const int LargestInput = 64 * 1024 * 1024;
    private const int FieldCount = 5;

    /// <summary>Reads the question; null if the other side does not know the token or uses another format.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="token">The token that allows its holder to ask.</param>
    /// <param name="known">Called when the other side has sent the token.</param>
    /// <param name="create">Creates the request of the tool's name, the call's ID, the thread's ID and the input.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<ApprovalRequest?> ReadAsync(
        Stream stream, string token, Action known, Func<string, string, string, string, ApprovalRequest> create, CancellationToken cancellationToken)
    {
        List<byte[]> fields = [];
        MemoryStream field = new();
        byte[] buffer = new byte[64 * 1024];
        while (fields.Count < FieldCount)
        {
            int read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            for (int start = 0; start < read && fields.Count < FieldCount;)
            {
                int length = buffer.AsSpan(start, read - start).IndexOf((byte)0);
                field.Write(buffer, start, length < 0 ? read - start : length);
                start = length < 0 ? read : start + length + 1;
                if (length >= 0)
                {
                    fields.Add(field.ToArray());
                    field.SetLength(0);
                }

                // For an unknown program, only the first bytes are read.
                if ((fields.Count == 0 && field.Length > token.Length)
                    || (fields.Count == 1 && !IsToken(fields[0], token))
                    || field.Length > (fields.Count < FieldCount - 1 ? LargestHead : LargestInput))
                {
                    return null;
                }

                if (fields.Count == 1)
                {
                    known();
                }
            }
        }

        string[] texts = [.. fields.Skip(1).Select(Encoding.UTF8.GetString)];
        return create(texts[0], texts[1], texts[2], texts[3]);
    }

    private static bool IsToken(byte[] given, string token) => CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(token));
}
