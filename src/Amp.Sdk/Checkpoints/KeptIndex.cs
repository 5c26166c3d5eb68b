using System.Buffers.Binary;
using System.Text;

namespace Amp.Checkpoints;

/// <summary>Reads what is needed of an index of git, without a process: how many files there are, and which entries are repositories.</summary>
/// <param name="Files">The number of files and links.</param>
/// <param name="Repositories">The folders that are repositories of their own, relative to the root, in bytes.</param>
internal sealed record KeptIndex(int Files, IReadOnlyList<byte[]> Repositories)
{
    private const int Header = 12;
    private const int ModeAt = 24;
    private const int FixedBytes = 40;
    private const uint RepositoryMode = 0xE000;

    /// <summary>Reads an index of version 2, which is what this library has git write.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="nameBytes">The length of the name of an object: 20 or 32 bytes.</param>
    /// <param name="files">Gets the paths of the files and links; null if they are not required.</param>
    /// <exception cref="FormatException">The file is not such an index.</exception>
    public static KeptIndex Read(ReadOnlySpan<byte> bytes, int nameBytes, List<string>? files = null)
    {
        if (bytes.Length < Header || !bytes[..4].SequenceEqual("DIRC"u8) || BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) != 2)
        {
            throw new FormatException("It is not an index of version 2.");
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        List<byte[]> repositories = [];
        int at = Header;
        for (int i = 0; i < count; i++)
        {
            int pathAt = at + FixedBytes + nameBytes + 2;
            int length = pathAt < bytes.Length ? bytes[pathAt..].IndexOf((byte)0) : -1;
            if (length < 0)
            {
                throw new FormatException("It is cut off.");
            }

            if ((BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + ModeAt)..]) & 0xF000) == RepositoryMode)
            {
                repositories.Add(bytes.Slice(pathAt, length).ToArray());
            }
            else
            {
                files?.Add(Encoding.UTF8.GetString(bytes.Slice(pathAt, length)));
            }

            // With 1 to 8 NUL characters at the end, up to a multiple of 8.
            at += (FixedBytes + nameBytes + 2 + length + 8) & ~7;
        }

        return new KeptIndex(count - repositories.Count, repositories);
    }
}
