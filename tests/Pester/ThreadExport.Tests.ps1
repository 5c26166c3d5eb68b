#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    $titles = [ordered]@{
        'T-00000000-0000-4000-8000-000000000001' = 'Same'
        'T-00000000-0000-4000-8000-000000000002' = 'same'
        'T-00000000-0000-4000-8000-000000000003' = 'con.x: a/b\c "quoted" <*|?>'
        'T-00000000-0000-4000-8000-000000000004' = '../../.ssh/authorized_keys '
        'T-00000000-0000-4000-8000-000000000005' = '日本語👩‍👩‍👧' * 60
        'T-00000000-0000-4000-8000-000000000006' = "e$([char]0x301)$([char]0x202e)gpj.exe. ."
        'T-00000000-0000-4000-8000-000000000007' = ''
    }
    $ids = @($titles.Keys)
    $steps = foreach ($id in $ids) {
        $front = $titles[$id] ? "---\ntitle: $($titles[$id].Replace('\', '\\'))\n" : '---\n'
        "if argument $id raw ${front}threadId: $id\n---\n\n## User\n\nIt costs 5 €.\n"
    }
}

Describe 'Export-AmpThreadMarkdown' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place $steps
        $folder = Join-Path $place.Root 'threads'
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'makes a file for each thread in a folder, with a name that every system takes' {
        $files = $ids | Export-AmpThreadMarkdown -Path $folder -PassThru @call

        $files | Should -HaveCount 7
        $files | ForEach-Object { $_ | Should -BeOfType [System.IO.FileInfo] }
        @(Get-ChildItem -LiteralPath $folder -Force) | Should -HaveCount 7
        ($files.Name | ForEach-Object ToUpperInvariant | Select-Object -Unique) | Should -HaveCount 7
        foreach ($name in $files.Name) {
            $name | Should -Match '^[^<>:"/\\|?*\p{Cc}\p{Cf}]+T-[0-9-]+\.md$|^T-[0-9-]+\.md$'
            $name | Should -Not -Match '^(\.|-|~| )'
            ($name -split '\.')[0].Trim() | Should -Not -Match '^(con|prn|aux|nul|com\d|lpt\d)$'
            [System.Text.Encoding]::UTF8.GetByteCount($name) | Should -BeLessOrEqual 143
            $name.IsNormalized() | Should -BeTrue
        }

        $files[0].Name | Should -Be "Same $($ids[0]).md"
        $files[2].Name | Should -BeLike '_con.x_ a_b_c *'
        $files[6].Name | Should -Be "$($ids[6]).md"
        [System.IO.File]::ReadAllText($files[0]) | Should -Be "---`ntitle: Same`nthreadId: $($ids[0])`n---`n`n## User`n`nIt costs 5 €.`n"
    }

    It 'writes one thread to one file, and says so of a second' {
        $file = Join-Path $place.Root 'one.md'
        $ids[0, 1] | Export-AmpThreadMarkdown -LiteralPath $file @call -ErrorVariable errors -ErrorAction SilentlyContinue

        [System.IO.File]::ReadAllText($file) | Should -BeLike '*title: Same*'
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*folder*'
    }

    It 'keeps, replaces and forces as it is told' {
        $file = Join-Path $place.Root 'one.md'
        Set-Content -LiteralPath $file -Value 'old'
        { Export-AmpThreadMarkdown $ids[0] $file -NoClobber @call -ErrorAction Stop } | Should -Throw '*already exists*'
        Get-AmpFakeRecord $place -Kind Command | Should -BeNullOrEmpty -Because 'the file is looked at first'
        Get-Content -LiteralPath $file | Should -Be 'old'

        Set-ItemProperty -LiteralPath $file -Name IsReadOnly -Value $true
        { Export-AmpThreadMarkdown $ids[0] $file @call -ErrorAction Stop } | Should -Throw '*read-only*'
        Export-AmpThreadMarkdown $ids[0] $file -Force @call
        Get-Content -LiteralPath $file -TotalCount 2 | Should -Be '---', 'title: Same'
    }

    It 'keeps a file''s mode and follows a link' -Skip:$IsWindows {
        $file = Join-Path $place.Root 'secret.md'
        $link = Join-Path $place.Root 'link.md'
        Set-Content -LiteralPath $file -Value 'old'
        [System.IO.File]::SetUnixFileMode($file, 'UserRead, UserWrite')
        $null = New-Item -ItemType SymbolicLink -Path $link -Target $file
        Export-AmpThreadMarkdown $ids[0] -LiteralPath $link @call

        (Get-Item -LiteralPath $link).LinkTarget | Should -Be $file
        [System.IO.File]::ReadAllText($file) | Should -BeLike '*title: Same*'
        "$([System.IO.File]::GetUnixFileMode($file))" | Should -Be 'UserWrite, UserRead'
    }

    It 'takes brackets as they are by -LiteralPath, and asks for it by -Path' {
        $odd = Join-Path $place.Root 'a[b].md'
        { Export-AmpThreadMarkdown $ids[0] -Path $odd @call } | Should -Throw '*resolves to 0 paths*'
        Export-AmpThreadMarkdown $ids[0] -LiteralPath $odd @call

        Test-Path -LiteralPath $odd | Should -BeTrue
    }

    It 'takes a relative path from where PowerShell is' {
        Push-Location $place.Project
        try {
            Export-AmpThreadMarkdown $ids[0] ./out/ @call
        } finally {
            Pop-Location
        }

        Join-Path $place.Project "out/Same $($ids[0]).md" | Should -Exist
    }

    It 'leaves nothing behind where the thread does not come' {
        $call = Get-AmpFakeCall $place "if noargument list err Thread $($ids[0]) does not exist.", 'if noargument list exit 1'
        { Export-AmpThreadMarkdown $ids[0] "$folder/" @call -ErrorAction Stop } | Should -Throw '*does not exist*'

        Test-Path -LiteralPath $folder | Should -BeFalse
    }

    It 'gives an error where the folder of a file is missing or a file is in the way' {
        $file = (New-Item -ItemType File -Path (Join-Path $place.Root 'file')).FullName
        { Export-AmpThreadMarkdown $ids[0] (Join-Path $place.Root 'no/one.md') @call } | Should -Throw '*does not exist*'
        { Export-AmpThreadMarkdown $ids[0] "$file/" @call } | Should -Throw '*is a file*'
        Get-AmpFakeRecord $place -Kind Command | Should -BeNullOrEmpty
    }

    It 'starts nothing and writes nothing with -WhatIf' {
        $ids | Export-AmpThreadMarkdown -Path $folder -WhatIf @call | Should -BeNullOrEmpty

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        Test-Path -LiteralPath $folder | Should -BeFalse
    }
}
