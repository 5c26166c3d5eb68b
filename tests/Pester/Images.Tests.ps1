#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

    function Add-TestImage([string] $Path) {
        [System.IO.File]::WriteAllBytes($Path, [Convert]::FromBase64String($pixel))
    }
}

Describe 'Images' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'init', 'turns'
        $folder = (New-Item -ItemType Directory (Join-Path $place.Root 'images')).FullName
        'one.png', 'two.png', 'three [3].png' | ForEach-Object { Add-TestImage (Join-Path $folder $_) }
        Push-Location -LiteralPath $folder

        function Get-SentContent {
            $lines = (Get-AmpFakeRecord $place -Kind Run).standardInput.text.Trim().Split("`n")
            ($lines | ConvertFrom-Json).message.content
        }
    }

    AfterEach {
        Pop-Location
        Close-AmpTestPlace $place
    }

    It 'are given as <Name>' -ForEach @(
        @{ Name = 'a path'; Image = { './one.png' }; Paths = @('one.png') }
        @{ Name = 'paths'; Image = { 'one.png', 'two.png' }; Paths = 'one.png', 'two.png' }
        @{ Name = 'a wildcard'; Image = { 't*.png' }; Paths = 'three [3].png', 'two.png' }
        @{ Name = 'a name with brackets'; Image = { 'three [3].png' }; Paths = @('three [3].png') }
        @{ Name = 'files'; Image = { Get-Item 'one.png', 'two.png' }; Paths = 'one.png', 'two.png' }
        @{ Name = 'an escaped name'; Image = { 'three `[3`].png' }; Paths = @('three [3].png') }
        @{ Name = 'resolved paths'; Image = { Resolve-Path 'one.png', 'two.png' }; Paths = 'one.png', 'two.png' }
        @{ Name = 'a stream of bytes'; Image = { Get-Content one.png -AsByteStream }; Paths = @($null) }
        @{ Name = 'bytes'; Image = { , [System.IO.File]::ReadAllBytes("$PWD/one.png") }; Paths = @($null) }
        @{ Name = 'a stream'; Image = { [System.IO.MemoryStream]::new([System.IO.File]::ReadAllBytes("$PWD/one.png")) }; Paths = @($null) }
    ) {
        Invoke-AmpAgent 'What is this?' -Image (& $Image) @call | Out-Null

        $content = Get-SentContent
        $content.type | Should -Be @(@('text') + @('image') * $Paths.Count)
        $content[0].text | Should -Be 'What is this?'
        $content[1..$Paths.Count].source.data | Should -Be (@($pixel) * $Paths.Count)
        @($content)[1..$Paths.Count].source.media_type | Select-Object -Unique | Should -Be 'image/png'
        $content[1..$Paths.Count].source_path | Should -Be @($Paths | ForEach-Object { if ($_) { Join-Path $folder $_ } })
    }

    It 'are seen when only image files are piped in' {
        Get-Item *.png | Invoke-AmpAgent 'What is wrong here?' @call -ResultOnly | Should -BeOfType [Amp.ResultMessage]

        $content = Get-SentContent
        $content.type | Should -Be 'text', 'image', 'image', 'image'
        $content[0].text | Should -Be 'What is wrong here?'
    }

    It 'are seen when image files are given by name' {
        Invoke-AmpAgent 'What is wrong here?' -InputObject (Get-Item *.png) @call | Out-Null

        (Get-SentContent).type | Should -Be 'text', 'image', 'image', 'image'
    }

    It 'are a list when other files are piped in with them, in the order in which they came' {
        $call = Get-AmpFakeCall $place 'echo'
        Set-Content notes.txt 'x'
        Get-Item one.png, notes.txt, two.png | Invoke-AmpAgent 'Which is the largest?' @call | Out-Null

        (Get-AmpFakeRecord $place -Kind Run).standardInput.text | Should -Match '(?s)one\.png.*notes\.txt.*two\.png'
        (Get-AmpFakeRecord $place -Kind Run).arguments | Should -Not -Contain '--stream-json-input'
    }

    It 'are a list with -AsContext' {
        $call = Get-AmpFakeCall $place 'echo'
        Get-Item *.png | Invoke-AmpAgent 'Which is the largest?' -AsContext @call | Out-Null

        (Get-AmpFakeRecord $place -Kind Run).arguments | Should -Not -Contain '--stream-json-input'
    }

    It 'belong to messages of a conversation and of a session' {
        $messages = New-AmpUserMessage 'first', 'second' -Image one.png
        $messages[0].Images.Count | Should -Be 1
        $messages[1].Images.Count | Should -Be 0
        ($messages[0] | Format-List | Out-String) | Should -Match 'image/png 1x1'
        $messages | Invoke-AmpAgent @call | Out-Null
        (Get-SentContent).type | Should -Be 'text', 'image', 'text'

        $session = New-AmpSession @call
        Get-Item one.png | Send-AmpMessage $session 'piped' -Image two.png | Out-Null
        Remove-AmpSession $session
        $sent = Get-AmpFakeRecord $place -Kind Run | ForEach-Object { $_.standardInput.text.Trim().Split("`n") | ConvertFrom-Json } |
            Where-Object { $_.message.content[0].text -eq 'piped' }
        @($sent.message.content.source_path | Where-Object { $_ }) | Should -Be (Join-Path $folder two.png), (Join-Path $folder one.png)
    }

    It 'go with each of several prompts' {
        'a', 'b' | Invoke-AmpAgent -Image one.png -ThrottleLimit 2 -ResultOnly @call | Should -HaveCount 2

        foreach ($run in Get-AmpFakeRecord $place -Kind Run) {
            ($run.standardInput.text | ConvertFrom-Json).message.content.type | Should -Be 'text', 'image'
        }
    }

    It 'are refused before anything starts: <Name>' -ForEach @(
        @{ Name = 'a missing file'; Image = { 'missing.png' }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'no match'; Image = { 'x*.png' }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'text'; Image = { Set-Content text.png 'no image'; 'text.png' }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'half of a file'; Image = { , [byte[]] [System.IO.File]::ReadAllBytes("$PWD/one.png")[0..40] }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'a number'; Image = { 7 }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'a folder'; Image = { '.' }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'null in a list'; Image = { 'one.png', $null }; Id = 'InvalidOption' }
        @{ Name = 'no file at all'; Image = { , @() }; Id = 'InvalidOption' }
        @{ Name = 'hundreds of files'; Image = { 1..300 | ForEach-Object { Add-TestImage "$PWD/n$_.png" }; 'n*.png' }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'five'; Image = { @('one.png') * 5 }; Id = 'ParameterArgumentTransformationError' }
        @{ Name = 'another drive'; Image = { 'Env:PATH' }; Id = 'ParameterArgumentTransformationError' }
    ) {
        $given = & $Image
        { Invoke-AmpAgent 'x' -Image $given @call } | Should -Throw -ErrorId "$Id,Amp.PowerShell.Commands.InvokeAmpAgentCommand"
        Get-AmpFakeRecord $place | Where-Object kind -EQ 'Run' | Should -BeNullOrEmpty
    }

    It 'are refused with an ID when too many are piped in, or a piped file only has the name of one' {
        4..9 | ForEach-Object { Add-TestImage "$folder/$_.png" }
        { Get-Item *.png | Invoke-AmpAgent 'x' @call } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Set-Content text.png 'no image'
        { Get-Item text.png | Invoke-AmpAgent 'x' @call } | Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand'
        Get-AmpFakeRecord $place | Where-Object kind -EQ 'Run' | Should -BeNullOrEmpty
    }

    It 'are named with -WhatIf, and nothing starts' {
        $shell = Invoke-AmpTestShell $place "Invoke-AmpAgent 'x' -Image '$folder/one.png' @call -WhatIf" -Call $call
        "$($shell.Output)" | Should -Match 'image/png 1x1'
        Get-AmpFakeRecord $place | Where-Object kind -EQ 'Run' | Should -BeNullOrEmpty
    }
}
