using System.Text;
using Amp.Processes;
using Amp.Sdk.Tests.Support;

namespace Amp.Sdk.Tests.Processes;

public sealed class LineFramerTests
{
    private const int Limit = 64 * 1024 * 1024;

    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\nb\r", "a|b")]
    [InlineData("\n\na\n\n", "||a|")]
    [InlineData("\uFEFFa\n\uFEFFb\n", "a|\uFEFFb")]
    [InlineData("\uFEFF\r\na\n", "|a")]
    [InlineData("\uFEFF", "")]
    [InlineData("", "")]
    [InlineData("a\rb\n", "a\rb")]
    [InlineData("  a \n", "  a ")]
    [InlineData("€é😀\nü", "€é😀|ü")]
    public void Lines_are_the_same_however_the_bytes_arrive(string text, string lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (int piece in new[] { 1, 2, 3, 7, int.MaxValue })
        {
            List<string> read = ReadAll(new PiecewiseStream(bytes, piece));
            Assert.Equal(lines, string.Join('|', read));
        }
    }

    [Theory]
    [InlineData((64 * 1024) - 1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData((128 * 1024) - 1)]
    [InlineData(128 * 1024)]
    [InlineData((128 * 1024) + 1)]
    [InlineData((256 * 1024) - 1)]
    [InlineData(256 * 1024)]
    [InlineData((256 * 1024) + 1)]
    public void A_line_as_long_as_the_buffer_stays_whole(int length)
    {
        string line = new('x', length);
        List<string> read = ReadAll(new PiecewiseStream(Encoding.UTF8.GetBytes($"{line}\nshort\n{line}\n"), 4096));
        Assert.Equal([line, "short", line], read);
    }

    [Fact]
    public void Spaces_at_the_seam_of_two_reads_are_kept()
    {
        string line = "a" + new string(' ', 400_000) + "b";
        Assert.Equal([line], ReadAll(new PiecewiseStream(Encoding.UTF8.GetBytes(line + "\n"), 65536)));
    }

    [Fact]
    public void A_line_of_20_MB_is_one_line()
    {
        byte[] bytes = new byte[20_000_001];
        Array.Fill(bytes, (byte)'x');
        bytes[^1] = (byte)'\n';
        LineFramer framer = new(ByteSource.Of(new PiecewiseStream(bytes, 65536)), Limit);
        int reads = 0;
        int length = -1;
        while (length < 0 && framer.Read())
        {
            reads++;
            length = LengthOfLine(framer);
            Assert.False(framer.IsTooLong);
        }

        Assert.Equal(20_000_000, length);
        Assert.InRange(reads, 300, 400);
    }

    [Fact]
    public void A_line_of_63_MB_takes_little_more_than_its_own_bytes_to_read()
    {
        byte[] bytes = new byte[63 * 1024 * 1024];
        Array.Fill(bytes, (byte)'x');
        bytes[^1] = (byte)'\n';
        LineFramer framer = new(ByteSource.Of(new MemoryStream(bytes)), Limit);
        long before = GC.GetAllocatedBytesForCurrentThread();
        while (LengthOfLine(framer) < 0)
        {
            // All in memory: this never leaves the thread.
            Assert.True(framer.Read());
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, bytes.Length, bytes.Length * 1.4);
    }

    [Fact]
    public void A_buffer_that_a_huge_line_has_blown_up_is_given_back()
    {
        byte[] huge = new byte[5_000_001];
        Array.Fill(huge, (byte)'x');
        huge[^1] = (byte)'\n';
        PiecewiseStream stream = new([.. huge, .. "short\nnext\n"u8], 65536);
        LineFramer framer = new(ByteSource.Of(stream), Limit);
        CountLines(framer);
        Assert.Equal(256 * 1024, stream.LargestRoomOfLastRead);
    }

    [Theory]
    [InlineData(10, 10, false)]
    [InlineData(11, 10, true)]
    [InlineData(30_000, 1000, true)]
    public void A_line_that_is_too_long_is_refused_however_it_arrives(int length, int limit, bool isTooLong)
    {
        byte[] bytes = Encoding.UTF8.GetBytes("ok\n" + new string('x', length) + "\nbehind\n");
        foreach (int piece in new[] { 1, 4096, int.MaxValue })
        {
            LineFramer framer = new(ByteSource.Of(new PiecewiseStream(bytes, piece)), limit);
            List<string> lines = [];
            while (!framer.IsTooLong && framer.Read())
            {
                Take(framer, lines);
            }

            Assert.Equal(isTooLong, framer.IsTooLong);
            Assert.Equal(isTooLong ? ["ok"] : ["ok", new string('x', length), "behind"], lines);
            if (isTooLong)
            {
                Assert.Equal("x", Encoding.UTF8.GetString(framer.Pending[..1]));
            }
        }
    }

    private static List<string> ReadAll(Stream stream)
    {
        LineFramer framer = new(ByteSource.Of(stream), Limit);
        List<string> lines = [];
        while (framer.Read())
        {
            Take(framer, lines);
        }

        if (Encoding.UTF8.GetString(framer.TakeRest()) is { Length: > 0 } rest)
        {
            lines.Add(rest);
        }

        Assert.True(framer.Pending.IsEmpty);
        return lines;
    }

    private static int LengthOfLine(LineFramer framer) => framer.TryReadLine(out ReadOnlySpan<byte> line) ? line.Length : -1;

    private static void Take(LineFramer framer, List<string> lines)
    {
        while (framer.TryReadLine(out ReadOnlySpan<byte> line))
        {
            lines.Add(Encoding.UTF8.GetString(line));
        }
    }

    private static void CountLines(LineFramer framer)
    {
        int count = 0;
        while (framer.Read())
        {
            while (framer.TryReadLine(out _))
            {
                count++;
            }
        }

        Assert.Equal(3, count);
    }
}
