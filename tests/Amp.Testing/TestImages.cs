using System.Buffers.Binary;

namespace Amp.Testing;

/// <summary>Images with any size on paper: their structure is that of real ones, and there are next to no pixels in them.</summary>
public static class TestImages
{
    private static readonly byte[] s_gifFrame = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];

    /// <summary>A real image of one pixel.</summary>
    public static byte[] Pixel() => Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    public static byte[] Png(int width, int height, bool isAnimated = false, int padding = 0)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return
        [
            0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", header), .. isAnimated ? Chunk("acTL", new byte[8]) : [],
            .. Chunk("IDAT", new byte[padding]), .. Chunk("IEND", []),
        ];
    }

    public static byte[] Jpeg(int width, int height) =>
    [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xFF, 0xC2, 0, 11, 8, .. BigEndian(height), .. BigEndian(width), 1, 1, 0x11, 0,
        0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0, 0x55, 0xFF, 0xD9,
    ];

    public static byte[] Gif(int width, int height, int frames = 1) =>
    [
        .. "GIF89a"u8, .. LittleEndian(width), .. LittleEndian(height), 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF,
        0x21, 0xF9, 4, 0, 0, 0, 0, 0, .. Enumerable.Repeat(s_gifFrame, frames).SelectMany(frame => frame), 0x3B,
    ];

    public static byte[] LossyWebP(int width, int height) =>
        Riff([.. "VP8 "u8, 10, 0, 0, 0, 0x30, 1, 0, 0x9D, 0x01, 0x2A, .. LittleEndian(width), .. LittleEndian(height)]);

    public static byte[] LosslessWebP(int width, int height)
    {
        byte[] bits = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bits, (uint)((width - 1) | ((height - 1) << 14)));
        return Riff([.. "VP8L"u8, 10, 0, 0, 0, 0x2F, .. bits, 0, 0, 0, 0, 0]);
    }

    public static byte[] ExtendedWebP(int width, int height, bool isAnimated) =>
        Riff([.. "VP8X"u8, 10, 0, 0, 0, (byte)(isAnimated ? 2 : 0), 0, 0, 0, .. LittleEndian(width - 1), 0, .. LittleEndian(height - 1), 0]);

    private static byte[] Riff(byte[] content)
    {
        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, content.Length + 4);
        return [.. "RIFF"u8, .. size, .. "WEBP"u8, .. content];
    }

    private static byte[] Chunk(string name, byte[] data)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        return [.. length, .. System.Text.Encoding.ASCII.GetBytes(name), .. data, 0, 0, 0, 0];
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] LittleEndian(int value) => [(byte)value, (byte)(value >> 8)];
}
