using System.Buffers;

namespace Amp.Fuzz;

/// <summary>A stream of recorded lines, most of them damaged. Which lines of it are still whole is known beforehand.</summary>
internal sealed class DamagedStream
{
    private const int Lines = 40;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<(long Serial, long Offset)> _whole = [];

    public DamagedStream(Random random)
    {
        MaxLineBytes = random.Next(100) == 0 ? 3000 : 1024 * 1024;
        LargestPiece = random.Next(8) switch
        {
            0 => 1,
            1 => 7,
            2 => 100,
            3 or 4 => 4096,
            5 => (64 * 1024) - 1,
            _ => int.MaxValue - 1,
        };
        Fill(random);
        Bytes = _bytes.WrittenSpan.ToArray();
    }

    public byte[] Bytes { get; }

    /// <summary>The serial numbers of the whole lines and where they stand, in their order; one may come twice.</summary>
    public IReadOnlyList<(long Serial, long Offset)> Whole => _whole;

    public int MaxLineBytes { get; }

    /// <summary>How much is given at once at most.</summary>
    public int LargestPiece { get; }

    private void Fill(Random random)
    {
        LineDamage damage = new(random);
        IReadOnlyList<byte[]> recorded = RecordedLines.All;
        bool isOpen = false;
        if (random.Next(4) == 0)
        {
            _bytes.Write("\uFEFF"u8);
        }

        for (int i = 0; i < Lines; i++)
        {
            byte[] line = recorded[random.Next(recorded.Count)];
            if (!isOpen && random.Next(4) == 0)
            {
                for (int times = random.Next(10) == 0 ? 2 : 1; times > 0; times--)
                {
                    WriteWhole(line, i, random);
                }
            }
            else
            {
                _bytes.Write(damage.Of(line, recorded[random.Next(recorded.Count)]));

                // One that lacks its end takes the next one with it.
                isOpen = random.Next(12) == 0;
                if (!isOpen)
                {
                    WriteEnd(random);
                }
            }
        }

        // The last line of all needs no end.
        if (random.Next(2) == 0)
        {
            _bytes.Write("\n"u8);
            isOpen = false;
        }

        if (!isOpen)
        {
            _whole.Add((Lines, _bytes.WrittenCount));
            _bytes.Write(RecordedLines.Numbered(recorded[0], Lines));
        }
    }

    private void WriteWhole(byte[] line, long serial, Random random)
    {
        _whole.Add((serial, _bytes.WrittenCount));
        _bytes.Write(random.Next(10) == 0 ? " \t"u8 : []);
        _bytes.Write(RecordedLines.Numbered(line, serial));
        WriteEnd(random);
    }

    private void WriteEnd(Random random) =>
        _bytes.Write(random.Next(6) == 0 ? "\r\n"u8 : random.Next(12) == 0 ? "\n\n \n"u8 : "\n"u8);
}
