using System.Text.Json;
using Amp.Messages;
using Amp.Testing;

namespace Amp.Sdk.Tests.Messages;

public sealed class InputImageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("amp-images-").FullName;

    public static TheoryData<string, byte[], string, bool> Kinds => new()
    {
        { "png", TestImages.Png(7000, 3), "image/png", false },
        { "animated png", TestImages.Png(7000, 3, isAnimated: true), "image/png", true },
        { "jpeg", TestImages.Jpeg(7000, 3), "image/jpeg", false },
        { "gif", TestImages.Gif(7000, 3), "image/gif", false },
        { "animated gif", TestImages.Gif(7000, 3, frames: 3), "image/gif", true },
        { "lossy webp", TestImages.LossyWebP(7000, 3), "image/webp", false },
        { "lossless webp", TestImages.LosslessWebP(7000, 3), "image/webp", false },
        { "extended webp", TestImages.ExtendedWebP(7000, 3, isAnimated: false), "image/webp", false },
        { "animated webp", TestImages.ExtendedWebP(7000, 3, isAnimated: true), "image/webp", true },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_bytes_say_what_an_image_is(string kind, byte[] bytes, string mediaType, bool isAnimated)
    {
        string file = Write("an image.txt", bytes);
        InputImage[] images =
        [
            InputImage.FromBytes(bytes), InputImage.FromFile(file), await InputImage.FromStreamAsync(new MemoryStream(bytes), TestContext.Current.CancellationToken),
        ];
        Assert.All(images, image => Assert.Equal(
            (mediaType, 7000, 3, bytes.Length, isAnimated), (image.MediaType, image.Width, image.Height, image.Length, image.IsAnimated)));
        Assert.Equal([null, file, null], images.Select(image => image.Path));
        Assert.NotEmpty(kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_image_that_ends_too_early_is_refused_wherever_it_ends(string kind, byte[] bytes, string mediaType, bool isAnimated)
    {
        Assert.True(kind.Length + mediaType.Length > 0 || isAnimated);
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] start = bytes[..length];
            Refused(() => InputImage.FromBytes(start));
        }
    }

    [Fact]
    public void Damaged_bytes_are_an_image_or_refused_and_nothing_else()
    {
        Random random = new(20261130);
        foreach (byte[] original in Kinds.Select(row => row.Data.Item2))
        {
            for (int round = 0; round < 2000; round++)
            {
                byte[] bytes = [.. original];
                for (int change = random.Next(1, 4); change > 0; change--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                if (ImageFacts.Read(bytes) is ImageFacts facts)
                {
                    Assert.True(facts.Width > 0 && facts.Height > 0);
                }
            }
        }
    }

    [Fact]
    public void What_the_CLI_would_refuse_is_refused_with_its_path_before_a_run()
    {
        Refused(() => InputImage.FromFile(Write("text.png", "no image"u8.ToArray())), "text.png");
        Refused(() => InputImage.FromFile(Write("empty.png", [])), "empty.png");
        Refused(() => InputImage.FromFile(Write("wide.png", TestImages.Png(8001, 1))), "8001");
        Refused(() => InputImage.FromFile(Write("high.gif", TestImages.Gif(1, 8001))), "8001");
        Refused(() => InputImage.FromFile(Write("large.png", TestImages.Png(1, 1, padding: 5_138_022))), "large.png");
        Refused(() => InputImage.FromBytes(TestImages.Png(1, 1, padding: 5_138_022)));
        Refused(() => InputImage.FromFile(Path.Combine(_folder, "missing.png")), "missing.png");
        Refused(() => InputImage.FromFile(_folder));
        Refused(() => InputImage.FromFile(string.Empty));
        Refused(() => InputImage.FromFile("a\0b"));
        Assert.Equal(8000, InputImage.FromBytes(TestImages.Png(8000, 8000)).Width);
        Assert.Equal(5_138_022, InputImage.FromBytes(TestImages.Png(1, 1, padding: 5_138_022 - TestImages.Png(1, 1).Length)).Length);
    }

    [Fact]
    public async Task A_stream_without_an_end_is_not_read_for_ever()
    {
        await Assert.ThrowsAsync<AmpValidationException>(() => InputImage.FromStreamAsync(new EndlessStream(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_message_has_its_images_after_the_text_in_order()
    {
        string file = Write("one.png", TestImages.Pixel());
        UserInputMessage message = new("What is this? ü", [InputImage.FromFile(file), InputImage.FromBytes(TestImages.Gif(2, 2))]);
        using JsonDocument line = JsonDocument.Parse(message.ToLine());
        JsonElement[] blocks = [.. line.RootElement.GetProperty("message").GetProperty("content").EnumerateArray()];
        Assert.Equal(["text", "image", "image"], blocks.Select(block => block.GetProperty("type").GetString()));
        Assert.Equal(file, blocks[1].GetProperty("source_path").GetString());
        Assert.False(blocks[2].TryGetProperty("source_path", out _));
        Assert.Equal("image/gif", blocks[2].GetProperty("source").GetProperty("media_type").GetString());
        Assert.Equal(TestImages.Pixel(), blocks[1].GetProperty("source").GetProperty("data").GetBytesFromBase64());
        Assert.Equal(message.Images, message.WithText("other").Images);
    }

    [Fact]
    public void A_message_has_four_images_at_most_and_a_conversation_none_by_its_options()
    {
        InputImage image = InputImage.FromBytes(TestImages.Pixel());
        Assert.Equal(4, new UserInputMessage("x", Enumerable.Repeat(image, 4)).Images.Count);
        Refused(() => new UserInputMessage("x", Enumerable.Repeat(image, 5)));
        Refused(() => new UserInputMessage("x", [image, null!]));
        AmpOptions options = new() { CliPath = RepositoryLayout.FakeCli, Images = [image] };
        Refused(() => AmpClient.Preview(Nothing(), options));
        Refused(() => AmpSession.Preview(options));
        Assert.Contains("--stream-json-input", AmpClient.Preview("x", options).Arguments);
    }

    private static async IAsyncEnumerable<UserInputMessage> Nothing()
    {
        await Task.CompletedTask;
        yield break;
    }

    private static void Refused(Func<object> make, string? named = null)
    {
        AmpValidationException error = Assert.Throws<AmpValidationException>(make);
        Assert.Equal((AmpErrorId.InvalidOption, nameof(AmpOptions.Images)), (error.ErrorId, error.OptionName));
        Assert.NotNull(error.RecommendedAction);
        Assert.Contains(named ?? string.Empty, error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
